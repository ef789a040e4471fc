/* checksum_tile.h: whether digits check: what the stages `luhn` and `checksum` ask.
 *
 * A checksum is taken over `bytes` followed by `digits`. Where `digits` is null, the check digits
 * are the last ones of `bytes`. Spaces and dashes between digits are passed over except by the
 * crc32 kinds, whose payload is bytes. Any other character that the kind does not know makes the
 * answer no. Called by the stage `checksum`; one row of HUNCH_CHECKS and one case a kind. */
#ifndef HUNCH_CHECKSUM_TILE_H
#define HUNCH_CHECKSUM_TILE_H

#include "portable.h"

/* X(constant, name in rules, how many check digits there are, what it is) */
#define HUNCH_CHECKS(X)                                                                            \
    X(LUHN, "luhn", 1, "Luhn: every 2nd digit from the right doubled, digit sums, mod 10 is 0")    \
    X(MOD10, "mod10", 1, "GS1: weights 1, 3, 1, 3... from the right, mod 10 is 0")                 \
    X(MOD11, "mod11", 1, "weights 1, 2, 3... from the right, mod 11 is 0, the last may be X = 10") \
    X(EAN13, "ean13", 1, "mod10 of exactly 13 digits")                                             \
    X(ISBN10, "isbn10", 1, "mod11 of exactly 10 digits")                                           \
    X(ABA, "aba", 1, "bank routing number: 9 digits, weights 3, 7, 1, mod 10 is 0")                \
    X(IBAN, "iban", 2, "ISO 13616: letters are 10..35, first four behind the rest, mod 97 is 1")   \
    X(MOD97, "mod97", 2, "ISO 7064 MOD 97-10: the number mod 97 is 1")                             \
    X(VERHOEFF, "verhoeff", 1, "Verhoeff: dihedral group of order 10")                             \
    X(DAMM, "damm", 1, "Damm: totally anti-symmetric quasigroup of order 10")                      \
    X(CRC32_BASE62, "crc32-base62", 6, "CRC-32 of the payload, six digits of 0-9 A-Z a-z")         \
    X(CRC32_HEX, "crc32-hex", 8, "CRC-32 of the payload, eight hexadecimal digits")

enum hunch_check {
#define HUNCH_X(id, name, digits, what) HP_CHECK_##id,
    HUNCH_CHECKS(HUNCH_X)
#undef HUNCH_X
        HP_CHECK_COUNT
};

/* bytes followed by digits. */
struct hunch_check_text {
    const uint8_t *bytes;
    const uint8_t *digits;
    uint64_t n;     /* of bytes */
    uint64_t total; /* of both */
};

HUNCH_TILE uint32_t hunch_check_byte(const struct hunch_check_text *text, uint64_t i)
{
    return i < text->n ? text->bytes[i] : text->digits[i - text->n];
}

HUNCH_TILE int hunch_check_separator(uint32_t byte)
{
    return byte == 0x20u || byte == 0x2du;
}

/* 0-9, A-Z = 10..35, a-z = 36..61; 99 for anything else. */
HUNCH_TILE uint32_t hunch_check_digit(uint32_t byte)
{
    return byte - 0x30u < 10u   ? byte - 0x30u
           : byte - 0x41u < 26u ? byte - 0x41u + 10u
           : byte - 0x61u < 26u ? byte - 0x61u + 36u
                                : 99u;
}

/* The same with upper and lower case alike: letters are 10..35. */
HUNCH_TILE uint32_t hunch_check_letter(uint32_t byte)
{
    const uint32_t digit = hunch_check_digit(byte);
    return digit >= 36u && digit < 62u ? digit - 26u : digit;
}

/* CRC-32 (ISO-HDLC, as in zip and PNG) of the bytes. */
HUNCH_TILE uint32_t hunch_crc32(const uint8_t *bytes, uint64_t n)
{
    uint32_t crc = 0xffffffffu;
    for (uint64_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
        }
    }
    return ~crc;
}

/* `length` digits of `base` that say the CRC of the bytes before them. */
HUNCH_TILE int hunch_check_crc32(const struct hunch_check_text *text, uint32_t base,
                                 uint32_t length)
{
    uint64_t value = 0;
    /* The digits lie in one of the two arrays, and so does the payload. */
    if (text->digits != 0 ? text->total - text->n != length : text->n < length) {
        return 0;
    }
    const uint64_t payload = text->total - length;
    for (uint64_t i = payload; i < text->total; i++) {
        const uint32_t byte = hunch_check_byte(text, i);
        const uint32_t digit = base == 16u ? hunch_check_letter(byte) : hunch_check_digit(byte);
        if (digit >= base) {
            return 0;
        }
        value = value * base + digit; /* below 62^6 < 2^36 */
    }
    return value == (uint64_t)hunch_crc32(text->bytes, payload);
}

/* Decimal digits from the right with weights; every kind whose sum must be 0 modulo something. */
HUNCH_TILE int hunch_check_weighted(uint32_t kind, const struct hunch_check_text *text)
{
    uint64_t count = 0;
    uint32_t sum = 0;
    const uint32_t modulus =
        kind == (uint32_t)HP_CHECK_MOD11 || kind == (uint32_t)HP_CHECK_ISBN10 ? 11u : 10u;
    for (uint64_t i = text->total; i-- > 0;) {
        const uint32_t byte = hunch_check_byte(text, i);
        uint32_t digit = byte - 0x30u;
        uint32_t weight = 1;
        if (hunch_check_separator(byte)) {
            continue;
        }
        if (digit >= 10u) {
            if (modulus != 11u || count != 0 || (byte | 0x20u) != 0x78u) {
                return 0;
            }
            digit = 10;
        }
        if (kind == (uint32_t)HP_CHECK_LUHN) {
            digit = (count & 1u) == 0 ? digit : digit < 5u ? 2u * digit : 2u * digit - 9u;
        } else if (kind == (uint32_t)HP_CHECK_ABA) {
            weight = count % 3u == 0 ? 1u : count % 3u == 1u ? 7u : 3u;
        } else if (modulus == 11u) {
            weight = (uint32_t)(count % 11u) + 1u;
        } else {
            weight = (count & 1u) != 0 ? 3u : 1u;
        }
        sum = (sum + weight * digit) % modulus;
        count++;
    }
    const uint64_t wanted = kind == (uint32_t)HP_CHECK_EAN13    ? 13u
                            : kind == (uint32_t)HP_CHECK_ISBN10 ? 10u
                            : kind == (uint32_t)HP_CHECK_ABA    ? 9u
                                                                : count;
    return sum == 0 && count >= 2u && count == wanted;
}

/* The number mod 97 is 1; in an IBAN the first four characters come last. */
HUNCH_TILE int hunch_check_mod97(const struct hunch_check_text *text, int iban)
{
    uint32_t rest = 0;
    uint32_t head = 0;       /* the first four characters, mod 97 */
    uint32_t head_power = 1; /* 10^(decimal digits of the head), mod 97 */
    uint64_t count = 0;
    for (uint64_t i = 0; i < text->total; i++) {
        const uint32_t byte = hunch_check_byte(text, i);
        const uint32_t digit = hunch_check_letter(byte);
        if (hunch_check_separator(byte)) {
            continue;
        }
        /* Two letters, then two digits, then both; only digits where it is no IBAN. */
        if (digit >= (iban && count != 2u && count != 3u ? 36u : 10u) ||
            (iban && count < 2u && digit < 10u)) {
            return 0;
        }
        const uint32_t power = digit < 10u ? 10u : 100u;
        if (iban && count < 4u) {
            head = (head * power + digit) % 97u;
            head_power = head_power * power % 97u;
        } else {
            rest = (rest * power + digit) % 97u;
        }
        count++;
    }
    if (iban ? count < 15u || count > 34u : count < 3u) {
        return 0;
    }
    return (rest * head_power + head) % 97u == 1u;
}

/* Multiplication in the dihedral group of order 10: 0..4 are rotations, 5..9 reflections. */
HUNCH_TILE uint32_t hunch_dihedral(uint32_t a, uint32_t b)
{
    if (a < 5u) {
        return b < 5u ? (a + b) % 5u : 5u + (a + b) % 5u;
    }
    return b < 5u ? 5u + (a - b) % 5u : (a - b + 5u) % 5u;
}

HUNCH_TILE int hunch_check_verhoeff(const struct hunch_check_text *text)
{
    uint64_t count = 0;
    uint32_t check = 0;
    for (uint64_t i = text->total; i-- > 0;) {
        const uint32_t byte = hunch_check_byte(text, i);
        uint32_t digit = byte - 0x30u;
        if (hunch_check_separator(byte)) {
            continue;
        }
        if (digit >= 10u) {
            return 0;
        }
        /* The permutation (0 1 5 8 9 4 2 7)(3 6), applied once a place; nibble d is what d becomes.
         */
        for (uint32_t place = (uint32_t)(count % 8u); place > 0; place--) {
            digit = (uint32_t)(0x4903826751ull >> (4u * digit)) & 15u;
        }
        check = hunch_dihedral(check, digit);
        count++;
    }
    return check == 0 && count >= 2u;
}

/* The quasigroup: nibble d of row i is the next interim digit after i at input d. */
HUNCH_TABLE uint64_t hunch_damm_row[10] = {
    0x2468957130ull, 0x3684512907ull, 0x9531786024ull, 0x6243890571ull, 0x8795403216ull,
    0x1859024763ull, 0x4310279685ull, 0x7102635498ull, 0x5027168349ull, 0x0976341852ull};

HUNCH_TILE int hunch_check_damm(const struct hunch_check_text *text)
{
    uint64_t count = 0;
    uint32_t check = 0;
    for (uint64_t i = 0; i < text->total; i++) {
        const uint32_t byte = hunch_check_byte(text, i);
        const uint32_t digit = byte - 0x30u;
        if (hunch_check_separator(byte)) {
            continue;
        }
        if (digit >= 10u) {
            return 0;
        }
        check = (uint32_t)(hunch_damm_row[check] >> (4u * digit)) & 15u;
        count++;
    }
    return check == 0 && count >= 2u;
}

/* 1 where the digits check. `kind` is a HP_CHECK_*; `digits` may be null, then digits_n is not
 * read. */
HUNCH_TILE_CALLED int hunch_checksum_tile(uint32_t kind, const uint8_t *bytes, uint64_t n,
                                          const uint8_t *digits, uint64_t digits_n)
{
    struct hunch_check_text text;
    text.bytes = bytes;
    text.digits = digits;
    text.n = n;
    text.total = digits != 0 ? n + digits_n : n;
    switch (kind) {
    case HP_CHECK_LUHN:
    case HP_CHECK_MOD10:
    case HP_CHECK_MOD11:
    case HP_CHECK_EAN13:
    case HP_CHECK_ISBN10:
    case HP_CHECK_ABA: return hunch_check_weighted(kind, &text);
    case HP_CHECK_IBAN: return hunch_check_mod97(&text, 1);
    case HP_CHECK_MOD97: return hunch_check_mod97(&text, 0);
    case HP_CHECK_VERHOEFF: return hunch_check_verhoeff(&text);
    case HP_CHECK_DAMM: return hunch_check_damm(&text);
    case HP_CHECK_CRC32_BASE62: return hunch_check_crc32(&text, 62u, 6u);
    case HP_CHECK_CRC32_HEX: return hunch_check_crc32(&text, 16u, 8u);
    default: return 0;
    }
}

#endif
