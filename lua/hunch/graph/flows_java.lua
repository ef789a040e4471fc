--- What methods of Java's library do with what they get: flows.lua has the notation. ".m" is a method of whatever it is
-- called on, which is argument 1; "C.m" one of a C, or a static one, which has no object; "C" makes a C. A method that
-- is not here is one that nobody knows: what goes in may come back, and may have been changed.
local flows = {}

local function all(texts, names)
    for name in names:gmatch "%S+" do flows[name] = texts end
end

local ANY = { "1+ -> return", "*1+ -> return" }

-- what the front end makes of the language
all({}, "[] {} new instanceof length")

-- texts: what goes in is in what comes out
all(ANY, [[
    String StringBuilder StringBuffer CharSequence StringReader StringTokenizer Scanner
    .trim .strip .stripLeading .stripTrailing .substring .subSequence .toLowerCase .toUpperCase .concat .replace
    .replaceAll .replaceFirst .intern .split .lines .repeat .chars .getBytes .toCharArray .charAt .codePointAt .toString
    .formatted .indent .translateEscapes .nextToken .nextElement .valueOf .copyValueOf .reverse .getChars
    String.valueOf String.format String.join String.copyValueOf Arrays.toString Arrays.asList Arrays.copyOf
    Arrays.copyOfRange Arrays.stream Objects.toString Objects.requireNonNull Objects.requireNonNullElse
    Character.toString Integer.toString Long.toString MessageFormat.format
    URLDecoder.decode URLEncoder.encode Normalizer.normalize StringEscapeUtils.unescapeHtml
    .encodeToString .encode .decode .encodeBase64 .decodeBase64 Base64.decodeBase64 Base64.encodeBase64
    Base64.encodeBase64String
]])

-- numbers: the same number, with other limits
all({ "1 -> return" }, [[
    Integer.parseInt Integer.valueOf Integer.decode Long.parseLong Long.valueOf Short.parseShort Short.valueOf
    Byte.parseByte Byte.valueOf Float.parseFloat Float.valueOf Double.parseDouble Double.valueOf Integer Long Short Byte
    Float Double BigInteger BigDecimal Boolean.parseBoolean Boolean.valueOf
    .intValue .longValue .shortValue .byteValue .floatValue .doubleValue
    Math.abs Math.floor Math.ceil Math.round Math.toIntExact Character.getNumericValue Character.toUpperCase
    Character.toLowerCase
]])
all({ "1 -> return", "2 -> return" }, "Math.max Math.addExact Math.multiplyExact Math.subtractExact Math.pow")

-- streams, readers, and what wraps them
all(ANY, [[
    InputStreamReader BufferedReader BufferedInputStream DataInputStream ObjectInputStream ByteArrayInputStream
    SequenceInputStream PushbackInputStream GZIPInputStream InflaterInputStream ZipInputStream LineNumberReader
    CharArrayReader InputSource StreamSource StreamTokenizer
    .getInputStream .getReader .read .readLine .readUTF .readObject .readAllBytes .readNBytes .readInt .readLong
    .readShort .readByte .readChar .readFully .next .nextLine .nextInt .nextLong .hasMoreElements
    .getContent .toByteArray .getData .array .lines .wrap ByteBuffer.wrap CharBuffer.wrap IOUtils.toString
    IOUtils.toByteArray IOUtils.readLines
]])

-- files and addresses: what they are called
all(ANY, [[
    File URL URI Path Paths.get Path.of URI.create .toPath .toFile .toURI .toURL .resolve .resolveSibling .normalize
    .getAbsolutePath .getCanonicalPath .getCanonicalFile .getAbsoluteFile .getPath .getParent .getParentFile
    .toAbsolutePath .toRealPath .getFileName .relativize FilenameUtils.normalize
]])

-- a buffer holds what was put into it, and gives itself back
all({ "2+ -> *1", "*2+ -> *1", "*1 -> *1", "1 -> return", "*1 -> return", "2+ -> return" }, ".append .insert")
all({ "*1 -> *1", "1 -> return" }, ".delete .deleteCharAt .setLength .setCharAt")

-- containers
all(ANY, [[
    ArrayList LinkedList Vector HashSet LinkedHashSet TreeSet HashMap LinkedHashMap TreeMap Hashtable ArrayDeque Stack
    PriorityQueue ConcurrentHashMap CopyOnWriteArrayList Properties AtomicReference
    List.of Set.of Map.of List.copyOf Set.copyOf Map.copyOf Map.entry Collections.singletonList Collections.singleton
    Collections.unmodifiableList Collections.unmodifiableMap Collections.unmodifiableSet Collections.singletonMap
    Collections.synchronizedList Collections.list Collections.enumeration Collections.max Collections.min
    Stream.of Optional.of Optional.ofNullable Collectors.joining CompletableFuture.completedFuture
    .iterator .listIterator .elements .values .keySet .entrySet .keys .stream .parallelStream .sorted .distinct .limit
    .skip .collect .toList .toArray .subList .headMap .tailMap .clone .copyOf .getKey .getValue .orElse .orElseThrow
    .findFirst .findAny .asIterator .boxed .join .get .peek .poll .pop .remove .element .take .first .last .firstElement
    .lastElement .getFirst .getLast .elementAt .removeFirst .removeLast .pollFirst .pollLast .peekFirst .peekLast
    .getOrDefault .putIfAbsent .map .flatMap .filter .mapToObj .reduce .max .min .nextElement
    .getProperty .getAttribute
]])
all({ "2+ -> *1", "*2+ -> *1", "*1 -> *1" }, [[
    .addAll .addElement .addFirst .addLast .offer .offerFirst .offerLast .push .insertElementAt
    .setElementAt .write
    .writeObject .writeUTF .writeBytes .load .putAll
]])
-- what joins texts gives itself back
all({ "2+ -> *1", "*2+ -> *1", "*1 -> *1", "1 -> return", "*1 -> return", "2+ -> return" }, ".add")
all({ "3 -> *1", "*3 -> *1", "*1 -> *1", "*1 -> return" }, ".put .setProperty .replaceAll .addHeader")
-- of a list by index, of what holds one value without
all({ "2+ -> *1", "*2+ -> *1", "*1 -> *1", "*1 -> return" }, ".set")
all({ "2+ -> *1" }, "Collections.addAll")
all({ "1 -> *3", "*1 -> *3" }, "System.arraycopy")
all({ "*1 -> *1" }, ".clear .sort Collections.sort Collections.reverse Collections.shuffle Arrays.sort Arrays.fill")
flows[".replaceAll"] = ANY

-- answers and numbers about what goes in, and what tells nobody anything
all({}, [[
    .length .size .isEmpty .isBlank .indexOf .lastIndexOf .startsWith .endsWith .contains .containsKey .containsValue
    .matches .equals .equalsIgnoreCase .compareTo .compareToIgnoreCase .hashCode .hasNext .hasNextLine .hasNextInt
    .hasMoreTokens .countTokens .find .exists .isFile .isDirectory .canRead .canWrite .isAbsolute .delete .mkdir .mkdirs
    .createNewFile .close .flush .ready .available .getClass .ordinal .isPresent .anyMatch .allMatch .noneMatch .count
    .forEach .forEachOrdered .ifPresent .removeIf .start .wait .notify .notifyAll .interrupt .lock .unlock .getTime
    .println .print .printf .info .debug .warn .error .trace .severe .warning .log .fine .finer .finest .printStackTrace
    Logger.getLogger LoggerFactory.getLogger LogFactory.getLog System.currentTimeMillis System.nanoTime System.exit
    System.getProperty System.getenv System.setProperty System.gc Thread.sleep Thread.currentThread Math.random Random
    SecureRandom .nextDouble .nextBoolean .nextGaussian .nextBytes UUID.randomUUID MessageDigest.getInstance .digest
    .update Cipher.getInstance KeyGenerator.getInstance Runtime.getRuntime .availableProcessors .maxMemory .exec
    .createStatement .executeQuery .executeUpdate .executeBatch .execute .addBatch .setString .setInt
    .setLong .setObject
    .commit .rollback .setAutoCommit DriverManager.getConnection .getConnection .getSession .sendRedirect .setHeader
    .setContentType .setStatus .sendError .addCookie .getWriter .getOutputStream .setAttribute .removeAttribute
    .invalidate .getServletContext .getRequestDispatcher .forward .include Files.exists Files.isDirectory
    Files.createDirectories Files.delete Files.deleteIfExists Files.write Files.size Files.newOutputStream
    Files.newBufferedWriter FileWriter FileOutputStream PrintWriter PrintStream BufferedWriter OutputStreamWriter
    FileInputStream FileReader RandomAccessFile ServerSocket Socket Thread Object Pattern.compile Pattern.matches
    Pattern.quote Charset.forName Locale Date ThreadLocalRandom.current Executors.newFixedThreadPool
    Integer.compare Long.compare Character.isDigit Character.isLetter Character.isLetterOrDigit Character.isWhitespace
    Objects.hash Objects.isNull Objects.nonNull Class.forName
]])
-- what groups are found in is the text
all(ANY, ".matcher")
flows["Pattern.compile"] = { "1 -> return" }
-- the smaller one is below either
flows["Math.min"] = { "1 -> return", "2 -> return" }
-- bytes that are read into an array come from where the stream does
flows[".read"] = { "1 -> return", "*1 -> return", "1 -> *2", "*1 -> *2" }
flows[".readFully"] = { "1 -> *2", "*1 -> *2" }

return flows
