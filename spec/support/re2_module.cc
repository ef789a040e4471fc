// RE2 as a Lua module: the second opinion of the regex specs, on ASCII patterns and any bytes.
//   re2.matches(pattern, flags, text) -> list of matches | nil, message | false
// Matches are as hunch.regex gives them: groups, group 0 first, {first, last} 1-based inclusive or
// false; the rule for empty matches is ours (RE2 has no "all matches").
// false: RE2 contradicts itself. With groups it finds another match than without them, as with
// ((?:(?:^|b+)*?)*) on "cbb": a lazy loop that may be empty in another loop that may be.
#include <re2/re2.h>

#include <string>
#include <vector>

extern "C" {
#include <lauxlib.h>
#include <lua.h>
}

namespace
{

// RE2's work is done before Lua is called: a Lua error (only memory can run out) skips destructors.
struct Span {
    lua_Integer first, last; // first = 0: the group is not set
};

struct Answer {
    bool refused;
    bool contradiction;
    std::string message;
    int groups;              // group 0 included
    std::vector<Span> spans; // `groups` for each match
};

Answer find_all(const std::string &pattern, re2::StringPiece text)
{
    RE2::Options options(RE2::Latin1);
    options.set_log_errors(false);
    options.set_max_mem(64 << 20);
    RE2 regex(pattern, options);
    options.set_never_capture(true);
    RE2 plain(pattern, options);
    Answer answer = {!regex.ok(), false, regex.error(), regex.NumberOfCapturingGroups() + 1, {}};
    if (answer.refused) {
        return answer;
    }
    std::vector<re2::StringPiece> groups(static_cast<size_t>(answer.groups));
    size_t from = 0;
    const char *last_end = nullptr;
    while (from <= text.size() &&
           regex.Match(text, from, text.size(), RE2::UNANCHORED, groups.data(), answer.groups)) {
        re2::StringPiece alone;
        if (!plain.Match(text, from, text.size(), RE2::UNANCHORED, &alone, 1) ||
            alone.data() != groups[0].data() || alone.size() != groups[0].size()) {
            answer.contradiction = true;
            return answer;
        }
        const char *end = groups[0].data() + groups[0].size();
        if (groups[0].empty() && end == last_end) {
            from++;
            continue;
        }
        for (const re2::StringPiece &group : groups) {
            Span span = {0, 0};
            if (group.data() != nullptr) {
                span.first = group.data() - text.data() + 1;
                span.last = span.first + static_cast<lua_Integer>(group.size()) - 1;
            }
            answer.spans.push_back(span);
        }
        last_end = end;
        from = static_cast<size_t>(end - text.data());
    }
    return answer;
}

int matches(lua_State *L)
{
    size_t pattern_size, flags_size, text_size;
    const char *pattern = luaL_checklstring(L, 1, &pattern_size);
    const char *flags = luaL_checklstring(L, 2, &flags_size);
    const char *text = luaL_checklstring(L, 3, &text_size);
    std::string whole(pattern, pattern_size);
    if (flags_size > 0) {
        whole = "(?" + std::string(flags, flags_size) + ")" + whole;
    }
    Answer answer = find_all(whole, re2::StringPiece(text, text_size));
    if (answer.refused) {
        lua_pushnil(L);
        lua_pushlstring(L, answer.message.data(), answer.message.size());
        return 2;
    }
    if (answer.contradiction) {
        lua_pushboolean(L, 0);
        return 1;
    }
    lua_newtable(L);
    for (size_t i = 0; i < answer.spans.size(); i++) {
        lua_Integer group = static_cast<lua_Integer>(i) % answer.groups;
        if (group == 0) {
            lua_newtable(L);
            lua_pushvalue(L, -1);
            lua_rawseti(L, -3, static_cast<lua_Integer>(i) / answer.groups + 1);
        }
        if (answer.spans[i].first == 0) {
            lua_pushboolean(L, 0);
        } else {
            lua_createtable(L, 2, 0);
            lua_pushinteger(L, answer.spans[i].first);
            lua_rawseti(L, -2, 1);
            lua_pushinteger(L, answer.spans[i].last);
            lua_rawseti(L, -2, 2);
        }
        lua_rawseti(L, -2, group + 1);
        if (group == answer.groups - 1) {
            lua_pop(L, 1);
        }
    }
    return 1;
}

} // namespace

extern "C" __attribute__((visibility("default"))) int luaopen_support_re2_module(lua_State *L);

int luaopen_support_re2_module(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, matches);
    lua_setfield(L, -2, "matches");
    return 1;
}
