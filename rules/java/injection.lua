-- Text from outside that becomes a program: commands, queries, code, objects.

-- A number can do no harm in another text, nor can the length of one.
local function numbers()
  return call { "Integer.parseInt", "Integer.valueOf", "Integer.decode", "Long.parseLong", "Long.valueOf",
    "Short.parseShort", "Byte.parseByte", "Double.parseDouble", "Float.parseFloat", "Boolean.parseBoolean",
    "UUID.fromString", ".nextInt", ".nextLong", ".hashCode", ".length", ".size" }
end

-- One of those that the program knows, or of a form that the program asks for.
local function known()
  return {
    guard { compare = "==", with = "constant" },
    guard { call { ".contains", ".containsKey" }, on = 2 },
    guard { call { ".matches" }, on = 1 },
    guard { call { "Pattern.matches" }, on = 2 },
    guard { call { "StringUtils.isNumeric", "StringUtils.isAlphanumeric", "StringUtils.isAlpha" }, on = 1 },
  }
end

rule "java-command-injection" {
  title     = "A command is put together from text from outside",
  tags      = { "java", "injection", "cwe-78", "cwe-88" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/78.html",
                remediation = "Run a fixed program with ProcessBuilder, and choose arguments from a known list." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment", "properties", "database", "arguments" },
      to     = { argument { "Runtime.exec", "getRuntime.exec", 2, 3 }, argument { "ProcessBuilder", from_on = 1 },
        argument { "ProcessBuilder.command", from_on = 2 } },
      except = { numbers() },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[import javax.servlet.http.*;
class Ping extends HttpServlet {
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
        String host = request.getParameter("host");
        Runtime.getRuntime().exec("ping -c 1 " + host);
    }
}
]=],
      [=[import java.util.*;
class Job {
    private final List<String> words = new ArrayList<>();
    Job(String what) { words.add("sh"); words.add("-c"); words.add(what); }
    Process start() throws Exception { return new ProcessBuilder(words).start(); }
    public static void main(String[] args) throws Exception { new Job(args[0]).start(); }
}
]=],
      [=[class Ping {
    void run(javax.servlet.http.HttpServletRequest request) throws Exception {
        new ProcessBuilder("sh", "-c", "ping " + request.getParameter("host")).start();
    }
}
]=],
      [=[class Ping {
    void run(javax.servlet.http.HttpServletRequest request) throws Exception {
        ProcessBuilder builder = new ProcessBuilder();
        builder.command("sh", "-c", "ping " + request.getParameter("host"));
        builder.start();
    }
}
]=],
      { files = {
        ["app/Pages.java"] = [=[package app;
class Pages {
    void show(javax.servlet.http.HttpServletRequest request) throws Exception {
        Shell.list(request.getHeader("X-Folder"));
    }
}
]=],
        ["app/Shell.java"] = [=[package app;
class Shell {
    static void list(String folder) throws Exception {
        Runtime run = Runtime.getRuntime();
        run.exec(new String[] { "sh", "-c", "ls " + folder });
    }
}
]=],
      } },
    },
    miss = {
      [=[class Ping {
    void run(javax.servlet.http.HttpServletRequest request) throws Exception {
        String host = request.getParameter("host");
        if (host.equals("a.example") || host.equals("b.example"))
            Runtime.getRuntime().exec("ping -c 1 " + host);
    }
}
]=],
      [=[class Kill {
    public static void main(String[] args) throws Exception {
        int id = Integer.parseInt(args[0]);
        Runtime.getRuntime().exec("kill " + id);
    }
}
]=],
      [=[class List {
    public static void main(String[] args) throws Exception {
        String folder = args[0];
        folder = "/tmp";
        Runtime.getRuntime().exec("ls " + folder);
    }
}
]=],
      [=[class List {
    void run() throws Exception { Runtime.getRuntime().exec(System.getProperty("java.home") + "/bin/jps"); }
}
]=],
    },
  },
}

rule "java-sql-injection" {
  title     = "A statement of SQL is put together from text from outside",
  tags      = { "java", "injection", "sql", "cwe-89" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/89.html",
                remediation = "Use a PreparedStatement and give values by setString and its kin." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment", "properties", "database", "arguments" },
      to     = {
        argument { "Statement.execute*", "createStatement.execute*", ".executeQuery", ".executeUpdate",
          ".executeLargeUpdate", ".addBatch", ".prepareStatement", ".prepareCall", ".nativeSQL",
          ".queryForObject", ".queryForList", ".queryForMap", ".queryForRowSet", ".queryForInt", ".queryForLong",
          "JdbcTemplate.*", ".batchUpdate", "EntityManager.createQuery", ".createNativeQuery", ".createSQLQuery",
          "Session.createQuery", "PersistenceManager.newQuery", ".newQuery", 2 },
      },
      except = { numbers(), call { ".encodeForSQL", "StringEscapeUtils.escapeSql" } },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[import java.sql.*;
class Users {
    ResultSet find(Connection connection, javax.servlet.http.HttpServletRequest request) throws SQLException {
        Statement statement = connection.createStatement();
        return statement.executeQuery("SELECT * FROM users WHERE name = '" + request.getParameter("name") + "'");
    }
}
]=],
      [=[import java.sql.*;
class Users {
    void rename(Connection connection, javax.servlet.http.HttpServletRequest request) throws SQLException {
        StringBuilder sql = new StringBuilder("UPDATE users SET name = '");
        sql.append(request.getHeader("X-Name")).append("'");
        try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            statement.executeUpdate();
        }
    }
}
]=],
    },
    miss = {
      [=[import java.sql.*;
class Users {
    ResultSet find(Connection connection, javax.servlet.http.HttpServletRequest request) throws SQLException {
        PreparedStatement statement = connection.prepareStatement("SELECT * FROM users WHERE name = ?");
        statement.setString(1, request.getParameter("name"));
        return statement.executeQuery();
    }
}
]=],
      [=[import java.sql.*;
class Users {
    ResultSet find(Statement statement, javax.servlet.http.HttpServletRequest request) throws SQLException {
        int id = Integer.parseInt(request.getParameter("id"));
        return statement.executeQuery("SELECT * FROM users WHERE id = " + id);
    }
}
]=],
    },
  },
}

rule "java-code-injection" {
  title     = "Text from outside is run as a script, or says which class is loaded",
  tags      = { "java", "injection", "cwe-94", "cwe-95", "cwe-470" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/470.html",
                remediation = "Choose from a table of what the program knows." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment", "properties", "database" },
      to     = {
        argument { "ScriptEngine.eval", "getEngineByName.eval", "getEngineByExtension.eval", "GroovyShell.evaluate",
          "GroovyShell.parse", ".parseExpression", ".createValueExpression", ".createMethodExpression",
          ".loadClass", 2 },
        argument { "Class.forName", "Ognl.getValue", "MVEL.eval", 1 },
      },
      except = { numbers() },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[import javax.script.*;
class Sum {
    Object of(javax.servlet.http.HttpServletRequest request) throws ScriptException {
        ScriptEngine engine = new ScriptEngineManager().getEngineByName("javascript");
        return engine.eval("1 + " + request.getParameter("number"));
    }
}
]=],
      [=[class Plugins {
    Object make() throws Exception {
        String name = System.getenv("PLUGIN");
        return Class.forName(name).newInstance();
    }
}
]=],
    },
    miss = {
      [=[class Plugins {
    Object make() throws Exception {
        String name = System.getenv("PLUGIN");
        if (!"a.b.Plain".equals(name)) return null;
        return Class.forName(name).newInstance();
    }
}
]=],
      [=[class Plugins {
    Object make(java.util.Map<String, Object> known) { return known.get(System.getenv("PLUGIN")); }
}
]=],
    },
  },
}

rule "java-deserialisation" {
  title     = "Objects are made from data from outside, of any class that it names",
  tags      = { "java", "cwe-502" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/502.html",
                remediation = "Read data of a fixed form (JSON), or set an ObjectInputFilter." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input" },
      to     = {
        argument { "ObjectInputStream.readObject", "ObjectInputStream.readUnshared", "XMLDecoder.readObject", 1 },
        argument { "XStream.fromXML", "Yaml.load", "Yaml.loadAll", "Kryo.readClassAndObject", 2 },
        argument { "SerializationUtils.deserialize", 1 },
      },
    },
  },
  examples  = {
    match = {
      [=[import java.io.*;
class Load {
    Object state(javax.servlet.http.HttpServletRequest request) throws Exception {
        ObjectInputStream in = new ObjectInputStream(request.getInputStream());
        return in.readObject();
    }
}
]=],
      [=[import java.io.*;
import java.net.Socket;
class Peer {
    Object next(Socket socket) throws Exception {
        InputStream plain = new BufferedInputStream(socket.getInputStream());
        try (ObjectInputStream in = new ObjectInputStream(plain)) { return in.readObject(); }
    }
}
]=],
    },
    miss = {
      [=[import java.io.*;
class Load {
    Object state() throws Exception {
        try (ObjectInputStream in = new ObjectInputStream(new FileInputStream("/var/lib/app/state"))) {
            return in.readObject();
        }
    }
}
]=],
      [=[import java.io.*;
class Load {
    String name(javax.servlet.http.HttpServletRequest request) throws Exception {
        return new DataInputStream(request.getInputStream()).readUTF();
    }
}
]=],
    },
  },
}

rule "java-xpath-injection" {
  title     = "An XPath expression is put together from text from outside",
  tags      = { "java", "injection", "cwe-643" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/643.html",
                remediation = "Use variables ($name) and an XPathVariableResolver." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment", "properties", "database" },
      to     = { argument { "XPath.evaluate", "XPath.compile", "newXPath.evaluate", "newXPath.compile",
        "XPath.evaluateExpression", ".selectNodes", ".selectSingleNode", 2 } },
      except = { numbers(), call { ".encodeForXPath", "StringEscapeUtils.escapeXml*", "Encode.forXml*" } },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[import javax.xml.xpath.*;
class Users {
    String password(javax.servlet.http.HttpServletRequest request, Object document) throws Exception {
        XPath path = XPathFactory.newInstance().newXPath();
        String name = request.getParameter("name");
        return path.evaluate("//user[name='" + name + "']/password", document);
    }
}
]=],
      [=[import javax.xml.xpath.*;
class Users {
    XPathExpression of(String name) throws Exception {
        return XPathFactory.newInstance().newXPath().compile("//user[@id='" + name + "']");
    }
    void show(javax.servlet.http.HttpServletRequest request) throws Exception { of(request.getHeader("X-User")); }
}
]=],
    },
    miss = {
      [=[import javax.xml.xpath.*;
class Users {
    String password(javax.servlet.http.HttpServletRequest request, Object document) throws Exception {
        XPath path = XPathFactory.newInstance().newXPath();
        int id = Integer.parseInt(request.getParameter("id"));
        return path.evaluate("//user[" + id + "]/password", document);
    }
}
]=],
      [=[class Rules {
    boolean holds(javax.servlet.http.HttpServletRequest request, Matcher matcher) {
        return matcher.evaluate(request.getParameter("text"));
    }
}
]=],
    },
  },
}

rule "java-ldap-injection" {
  title     = "A search of a directory is put together from text from outside",
  tags      = { "java", "injection", "cwe-90" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/90.html",
                remediation = "Escape what goes into filters, or give it as an argument of the filter, {0}." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment", "properties", "database" },
      to     = { argument { "DirContext.search", "InitialDirContext.search", "LdapContext.search",
        "InitialLdapContext.search", "LdapTemplate.search", "DirContext.lookup", "InitialDirContext.lookup", 2, 3 } },
      except = { numbers(), call { ".encodeForLDAP", ".encodeForDN", "LdapEncoder.*", "Rdn.escapeValue" } },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[import javax.naming.directory.*;
class People {
    Object find(DirContext context, javax.servlet.http.HttpServletRequest request) throws Exception {
        String filter = "(uid=" + request.getParameter("name") + ")";
        return context.search("ou=people", filter, new SearchControls());
    }
}
]=],
      [=[import javax.naming.directory.*;
class People {
    Object find(java.util.Hashtable<String, String> settings) throws Exception {
        InitialDirContext context = new InitialDirContext(settings);
        return context.search("ou=people", String.format("(cn=%s)", System.getenv("PERSON")), null);
    }
}
]=],
    },
    miss = {
      [=[import javax.naming.directory.*;
class People {
    Object find(DirContext context, javax.servlet.http.HttpServletRequest request) throws Exception {
        Object[] values = { request.getParameter("name") };
        return context.search("ou=people", "(uid={0})", values, new SearchControls());
    }
}
]=],
      [=[class Words {
    int at(javax.servlet.http.HttpServletRequest request, Index index) {
        return index.search("all", request.getParameter("word"));
    }
}
]=],
    },
  },
}

rule "java-format-string" {
  title     = "Text from outside is a format",
  tags      = { "java", "cwe-134" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/134.html",
                remediation = "Write the format down, and give the text as an argument of %s." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment", "properties", "database" },
      to     = { argument { "String.format", "MessageFormat.format", 1 },
        argument { "System.out.printf", "System.out.format", "System.err.printf", "System.err.format",
          "PrintWriter.printf", "PrintWriter.format", "PrintStream.printf", "PrintStream.format", "Formatter.format",
          "getWriter.printf", "getWriter.format", 2 } },
      except = { numbers() },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[class Say {
    String hello(javax.servlet.http.HttpServletRequest request, String name) {
        return String.format(request.getParameter("greeting"), name);
    }
}
]=],
      [=[class Say {
    void hello() { String form = System.getenv("FORM") + "%n"; System.out.printf(form, 1); }
}
]=],
    },
    miss = {
      [=[class Say {
    String hello(javax.servlet.http.HttpServletRequest request) {
        return String.format("Hello %s", request.getParameter("name"));
    }
}
]=],
      [=[class Say {
    void hello() { System.out.printf("%s%n", System.getenv("FORM")); }
}
]=],
    },
  },
}
