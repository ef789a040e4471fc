--- What functions of Python and of its library do with what they get: flows.lua has the notation. ".name" is a method
-- of whatever it is called on, which is argument 1. A function that is not here is one that nobody knows: what goes
-- in may come back, and may have been changed.
local flows = {}

local function all(texts, names)
    for name in names:gmatch "%S+" do flows[name] = texts end
end

local ANY = { "1+ -> return", "*1+ -> return" }

-- what the front end makes of the language: an empty object, `in`
all({}, "[] in")

-- texts and containers: what goes in comes out, and is what it was
all(ANY, [[
    str bytes bytearray unicode repr ascii format chr ord list tuple set frozenset dict sorted reversed iter next
    enumerate zip map filter min max sum slice memoryview vars int float abs round complex divmod pow hex oct bin
    .format .format_map .join .strip .lstrip .rstrip .split .rsplit .splitlines .partition .rpartition .replace
    .lower .upper .title .capitalize .casefold .swapcase .center .ljust .rjust .zfill .expandtabs .translate
    .encode .decode .removeprefix .removesuffix .copy .items .keys .values .union .intersection .difference
    .symmetric_difference .group .groups .groupdict .read .readline .readlines .getvalue .to_bytes .hex
    itertools.chain itertools.islice itertools.product functools.partial functools.reduce copy.copy copy.deepcopy
    collections.OrderedDict collections.defaultdict collections.deque collections.ChainMap operator.itemgetter
    json.loads json.dumps json.load re.sub re.split re.findall re.match re.search re.fullmatch re.escape re.compile
    string.Template .substitute .safe_substitute textwrap.dedent textwrap.indent
    base64.b64encode base64.b64decode base64.urlsafe_b64encode base64.urlsafe_b64decode binascii.hexlify
    binascii.unhexlify zlib.compress zlib.decompress html.escape html.unescape shlex.quote shlex.split shlex.join
    pipes.quote os.path.join os.path.abspath os.path.realpath os.path.normpath os.path.expanduser
    os.path.expandvars os.path.basename os.path.dirname os.path.split os.path.splitext os.path.relpath os.fspath
    os.fsencode os.fsdecode os.path.normcase pathlib.Path pathlib.PurePath .joinpath .resolve .absolute
    urllib.parse.quote urllib.parse.quote_plus urllib.parse.unquote urllib.parse.unquote_plus urllib.parse.urlencode
    urllib.parse.urljoin urllib.parse.urlparse urllib.parse.urlsplit urllib.parse.urlunparse urllib.parse.urlunsplit
    urllib.parse.parse_qs urllib.parse.parse_qsl urllib.quote urllib.unquote urllib.urlencode io.StringIO io.BytesIO
]])

-- a part of the container, or what is there instead
all({ "*1 -> return", "1 -> return", "3 -> return" }, ".get .pop .setdefault .popitem .popleft .getlist .getvalue")
all({ "*1 -> return", "1 -> return", "3 -> return" }, "getattr")

-- what is put in stays there; that it is in the container the front end says
all({}, ".append .add .appendleft .insert .put .put_nowait .push")
all({ "*2 -> *1", "2 -> *1", "*1 -> *1" }, ".extend .update .extendleft .write .writelines .writestr")
all({ "*1 -> *1" }, ".sort .reverse .remove .discard")
all({ "3 -> *1", "*1 -> *1" }, "setattr")

-- answers and numbers about what goes in
all({}, [[
    len isinstance issubclass hasattr callable id hash bool type any all print range
    .startswith .endswith .isdigit .isalnum .isalpha .isnumeric .isdecimal .isidentifier .islower .isupper .isspace
    .find .rfind .index .rindex .count .exists .is_file .is_dir .is_absolute .hexdigest .digest .close .flush .seek
    .tell .fileno .issubset .issuperset .isdisjoint .is_relative_to .__len__ .acquire .release
    os.path.exists os.path.isfile os.path.isdir os.path.islink os.path.isabs os.path.getsize os.path.getmtime
    os.path.samefile os.access os.stat os.lstat os.listdir os.scandir os.walk os.remove os.unlink os.rename os.replace
    os.mkdir os.makedirs os.rmdir os.removedirs os.chmod os.chown os.link os.symlink os.chdir os.getcwd os.getpid
    os.system os.popen os.execv os.execve os.execl os.execlp os.execvp os.spawnl os.spawnv os.kill os.close os.fork
    subprocess.run subprocess.call subprocess.check_call subprocess.Popen subprocess.getoutput
    subprocess.getstatusoutput subprocess.check_output commands.getoutput commands.getstatusoutput
    shutil.rmtree shutil.copy shutil.copy2 shutil.copyfile shutil.copytree shutil.move shutil.which shutil.disk_usage
    hashlib.md5 hashlib.sha1 hashlib.sha224 hashlib.sha256 hashlib.sha384 hashlib.sha512 hashlib.new hashlib.blake2b
    hmac.new hmac.compare_digest secrets.compare_digest random.random random.randint random.choice time.time
    time.sleep time.monotonic uuid.uuid4 uuid.UUID logging.debug logging.info logging.warning logging.error
    logging.critical logging.exception logging.log logging.getLogger .debug .info .warning .error .critical
    .exception sys.exit sys.stdout.write sys.stderr.write sys.stdout.flush warnings.warn open io.open codecs.open
    tempfile.mkstemp tempfile.mkdtemp tempfile.NamedTemporaryFile tempfile.TemporaryFile
    requests.get requests.post requests.put requests.patch requests.delete requests.head requests.request
    urllib.request.urlopen urllib.urlopen urllib2.urlopen httpx.get httpx.post httpx.request
    socket.socket .connect .bind .listen .send .sendall .sendto .setsockopt
    sqlite3.connect psycopg2.connect MySQLdb.connect pymysql.connect .commit .rollback .cursor .executescript
    flask.Flask flask.Blueprint flask.abort flask.url_for django.urls.reverse django.core.paginator.Paginator
]])
all({}, "eval exec execfile __import__ importlib.import_module")
all({ "1 -> return" }, "compile")
all({ "1 -> return" }, ".execute .executemany .raw .extra")

-- from outside
all({ "outside -> return" }, [[
    input raw_input os.getenv os.environ.get sys.stdin.read sys.stdin.readline sys.stdin.readlines getpass.getpass
    .recv .recvfrom .recv_into
]])

return flows
