-- Files, settings and sizes that text or numbers from outside choose.

local function numbers()
  return call { "Integer.parseInt", "Integer.valueOf", "Integer.decode", "Long.parseLong", "Long.valueOf",
    "Short.parseShort", "Byte.parseByte", "Double.parseDouble", "Float.parseFloat", "Boolean.parseBoolean",
    "UUID.fromString", ".nextInt", ".nextLong", ".hashCode", ".length", ".size" }
end

-- One of those that the program knows, or of a form that the program asks for.
local function known(more)
  local list = {
    guard { compare = "==", with = "constant" },
    guard { call { ".contains", ".containsKey" }, on = 2 },
    guard { call { ".matches" }, on = 1 },
    guard { call { "Pattern.matches" }, on = 2 },
    guard { call { "StringUtils.isNumeric", "StringUtils.isAlphanumeric", "StringUtils.isAlpha" }, on = 1 },
  }
  table.move(more or {}, 1, #(more or {}), #list + 1, list)
  return list
end

-- A number that is no larger than something the program knows.
local function bounded()
  return { guard { compare = "<", with = "clean" }, guard { compare = "<=", with = "clean" },
    guard { compare = "==", with = "constant" } }
end

rule "java-path-traversal" {
  title     = "A file is named by text from outside",
  tags      = { "java", "path", "cwe-22", "cwe-23", "cwe-36", "cwe-73" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/22.html",
                remediation = "Take the last part of the name alone, or test the start of the canonical path." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment", "properties", "database" },
      to     = {
        argument { "File", "FileInputStream", "FileOutputStream", "FileReader", "FileWriter", "RandomAccessFile",
          "PrintWriter", "ZipFile", "JarFile", 1 },
        argument { "File", 2 },
        argument { "Paths.get", "Path.of" },
        argument { "Files.newInputStream", "Files.newOutputStream", "Files.newBufferedReader", "Files.readAllBytes",
          "Files.readString", "Files.readAllLines", "Files.lines", "Files.write", "Files.writeString", "Files.delete",
          "Files.deleteIfExists", "Files.createFile", "Files.createDirectories", "Files.copy", "Files.move", 1 },
        argument { "ServletContext.getResourceAsStream", "ServletContext.getRealPath", ".getRequestDispatcher", 2 },
      },
      except = { numbers(), call { "FilenameUtils.getName", ".getFileName", "File.getName", "UUID.randomUUID" } },
      unless = known { guard { call ".startsWith", on = 1 }, guard { call { ".contains" }, on = 1, outcome = false } },
    },
  },
  examples  = {
    match = {
      [=[import java.io.*;
class Pages {
    InputStream page(javax.servlet.http.HttpServletRequest request) throws IOException {
        return new FileInputStream("/srv/pages/" + request.getParameter("name"));
    }
}
]=],
      [=[import java.nio.file.*;
class Pages {
    byte[] page(javax.servlet.http.HttpServletRequest request) throws Exception {
        String name = java.net.URLDecoder.decode(request.getPathInfo(), "UTF-8");
        return Files.readAllBytes(Paths.get("/srv/pages", name));
    }
}
]=],
    },
    miss = {
      [=[import java.io.*;
class Pages {
    InputStream page(javax.servlet.http.HttpServletRequest request) throws IOException {
        String name = request.getParameter("name");
        if (name.contains("..") || name.contains("/")) return null;
        return new FileInputStream("/srv/pages/" + name);
    }
}
]=],
      [=[import java.io.*;
class Pages {
    InputStream page(javax.servlet.http.HttpServletRequest request) throws IOException {
        switch (request.getParameter("name")) {
            case "a": return new FileInputStream("/srv/pages/a");
            default: return null;
        }
    }
}
]=],
      [=[import java.io.*;
class Pages {
    File kept() { return new File(System.getProperty("java.io.tmpdir"), "pages"); }
}
]=],
    },
  },
}

rule "java-setting-from-outside" {
  title     = "Text from outside sets a property of the system, or of a connection",
  tags      = { "java", "cwe-15" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/15.html",
                remediation = "Choose settings from what the program knows." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment", "properties", "database" },
      to     = { argument { "System.setProperty" }, argument { "Connection.setCatalog", "Connection.setSchema", 2 },
        argument { "System.load", "System.loadLibrary", 1 } },
      except = { numbers() },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[class Setup {
    void read(javax.servlet.http.HttpServletRequest request) {
        System.setProperty("http.proxyHost", request.getParameter("proxy"));
    }
}
]=],
      [=[import java.io.*;
import java.net.Socket;
import java.sql.Connection;
class Setup {
    void read(Socket socket, Connection connection) throws Exception {
        BufferedReader reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), "UTF-8"));
        connection.setCatalog(reader.readLine());
    }
}
]=],
    },
    miss = {
      [=[class Setup {
    void read(javax.servlet.http.HttpServletRequest request) {
        boolean on = Boolean.parseBoolean(request.getParameter("on"));
        System.setProperty("java.awt.headless", on ? "true" : "false");
    }
}
]=],
      [=[class Setup {
    void read() { String home = System.getenv("HOME"); home = "/root"; System.setProperty("user.home", home); }
}
]=],
    },
  },
}

rule "java-loop-bound-from-outside" {
  title     = "A number from outside says how often a loop runs",
  tags      = { "java", "cwe-606", "cwe-400" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/606.html",
                remediation = "Compare it with a limit first." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment", "properties", "database" },
      to     = { loop_bound() },
      except = call { ".length", ".size", "length", ".read", ".skip", ".available", "Math.min",
        ".hasNext*", ".hasMoreTokens", ".hasMoreElements", ".charAt" },
      unless = bounded(),
    },
  },
  examples  = {
    match = {
      [=[class Lines {
    void print(javax.servlet.http.HttpServletRequest request) {
        int count = Integer.parseInt(request.getParameter("count"));
        for (int i = 0; i < count; i++) System.out.println(i);
    }
}
]=],
      [=[class Lines {
    public void print() {
        String text = System.getenv("COUNT");
        int left = Integer.valueOf(text.trim());
        int i = 0;
        while (i < left) i++;
    }
}
]=],
    },
    miss = {
      [=[class Lines {
    void print(javax.servlet.http.HttpServletRequest request) {
        int count = Integer.parseInt(request.getParameter("count"));
        if (count <= 100)
            for (int i = 0; i < count; i++) System.out.println(i);
    }
}
]=],
      [=[class Lines {
    void print(javax.servlet.http.HttpServletRequest request) {
        String text = request.getParameter("text");
        for (int i = 0; i < text.length(); i++) System.out.println(text.charAt(i));
    }
}
]=],
    },
  },
}

rule "java-size-from-outside" {
  title     = "A number from outside says how much memory is allocated",
  tags      = { "java", "cwe-789", "cwe-400" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/789.html",
                remediation = "Compare it with a limit first." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment", "properties", "database" },
      to     = { argument { "new", "ByteBuffer.allocate", "ByteBuffer.allocateDirect", 1 },
        -- these also take what they copy
        signed_argument { "ArrayList", "HashMap", "HashSet", "LinkedHashMap", "LinkedHashSet", "Hashtable", "Vector",
          "ArrayDeque", "PriorityQueue", "StringBuilder", "StringBuffer", 1 } },
      except = call { ".length", ".size", "length", ".read", ".skip", ".available", "Math.min" },
      unless = bounded(),
    },
  },
  examples  = {
    match = {
      [=[class Buffer {
    byte[] make(javax.servlet.http.HttpServletRequest request) {
        return new byte[Integer.parseInt(request.getParameter("size"))];
    }
}
]=],
      [=[import java.util.*;
class Buffer {
    List<String> make() { int size = Integer.parseInt(System.getenv("SIZE")); return new ArrayList<String>(size); }
}
]=],
    },
    miss = {
      [=[class Buffer {
    byte[] make(javax.servlet.http.HttpServletRequest request) {
        int size = Integer.parseInt(request.getParameter("size"));
        if (size > 4096) return null;
        return new byte[size];
    }
}
]=],
      [=[class Buffer {
    char[] make(javax.servlet.http.HttpServletRequest request) {
        String text = request.getParameter("text");
        return new char[text.length()];
    }
}
]=],
      [=[import java.util.*;
class Buffer {
    Object make(javax.servlet.http.HttpServletRequest request) {
        List<String> all = Arrays.asList(request.getParameterValues("all"));
        return new StringBuilder(request.getParameter("text")).append(new ArrayList<>(all));
    }
}
]=],
    },
  },
}

rule "java-index-from-outside" {
  title     = "A number from outside is the index of an array",
  tags      = { "java", "cwe-129" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/129.html",
                remediation = "Compare it with 0 and with the length of the array first." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment", "properties", "database" },
      to     = { index() },
      except = call { ".length", ".size", "length", ".read", ".skip", ".available", "Math.min",
        ".indexOf", ".charAt" },
      unless = bounded(),
    },
  },
  examples  = {
    match = {
      [=[class Names {
    private static final String[] ALL = { "a", "b" };
    String of(javax.servlet.http.HttpServletRequest request) {
        return ALL[Integer.parseInt(request.getParameter("n"))];
    }
}
]=],
      [=[class Names {
    int of(int[] list) { int at = Integer.parseInt(System.getenv("AT")); if (at >= 0) return list[at]; return 0; }
}
]=],
    },
    miss = {
      [=[class Names {
    private static final String[] ALL = { "a", "b" };
    String of(javax.servlet.http.HttpServletRequest request) {
        int n = Integer.parseInt(request.getParameter("n"));
        return n >= 0 && n < ALL.length ? ALL[n] : "";
    }
}
]=],
      [=[class Names {
    int of(int[] list) { int at = Integer.parseInt(System.getenv("AT")) % 4; return at < 2 ? list[at] : 0; }
}
]=],
    },
  },
}
