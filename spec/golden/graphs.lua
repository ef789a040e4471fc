library { language = "java", read_all = { "outside -> *2", "3 -> return" }, index = {} }

rule "command" {
  language = "java",
  severity = "high",
  prefilter = any { "system", "popen" },
  confirm = {
    path [[\.java$]],
    taint {
      from = { call { "getenv", "read_all" }, parameter { "main", 2 }, global "environ", field "argv" },
      to = { argument { "system", "popen", 1 }, argument { "exec*", from_on = 1 } },
      except = { call "shell_quote", returned "checked*" },
      unless = { guard { call "is_safe", on = 1 }, guard { compare = { "<", "<=" }, with = "constant" } },
      through = { shell_join = { "*1+ -> *return" } },
    },
    except { text = { "trusted" } },
  },
}

rule "bound" {
  language = "java",
  confirm = { taint { from = call "atoi", to = { loop_bound(), index(), divisor() } } },
}

rule "freed-twice" {
  language = "java",
  confirm = { flows_to { from = argument { "free", 1 }, to = { argument { "free", 1 }, address() } } },
}

rule "unchecked" {
  language = "java",
  confirm = { dominates { by = { test(), assign { value = call "xmalloc" } }, of = { use() }, missing = true,
    same = true } },
}

rule "locked" {
  language = "python",
  confirm = { post_dominates { by = { call "os.unlock", returned() }, of = { call "os.lock" }, missing = true } },
}
