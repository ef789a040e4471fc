--- What functions of the C library do with what they get; library.lua has the words. A rule file's `library` goes before.
return {
    strcpy = { "*2 -> *1", "1 -> return" }, strncpy = { "*2 -> *1", "1 -> return" },
    strcat = { "*2 -> *1", "1 -> return" }, strncat = { "*2 -> *1", "1 -> return" },
    memcpy = { "*2 -> *1", "1 -> return" }, memmove = { "*2 -> *1", "1 -> return" },
    strdup = { "*1 -> *return" }, strndup = { "*1 -> *return" },
    sprintf = { "*2+ -> *1", "2+ -> *1" }, snprintf = { "*3+ -> *1", "3+ -> *1" },
    getenv = { "outside -> *return" },
    fgets = { "outside -> *1", "1 -> return" }, gets = { "outside -> *1", "1 -> return" },
    fread = { "outside -> *1" }, read = { "outside -> *2" }, recv = { "outside -> *2" },
    scanf = { "outside -> *2+" }, fscanf = { "outside -> *3+" }, sscanf = { "*1 -> *3+" },
    atoi = { "*1 -> return" }, atol = { "*1 -> return" }, strtol = { "*1 -> return" }, strtoul = { "*1 -> return" },
    strlen = { "*1 -> return" },
    strchr = { "1 -> return" }, strrchr = { "1 -> return" }, strstr = { "1 -> return" },
    free = {}, printf = {}, fprintf = {}, puts = {}, exit = {},
}
