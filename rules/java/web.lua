-- What servers do with what a request brings: pages, headers, addresses, sessions, logs.

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

rule "java-cross-site-scripting" {
  title     = "Text that came with a request is written into a page",
  tags      = { "java", "web", "cwe-79", "cwe-80", "cwe-81", "cwe-83" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/79.html",
                remediation = "Encode what goes into a page: Encode.forHtml, or a template that does so." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "database", "input" },
      to     = {
        argument { "getWriter.print*", "getWriter.write", "getWriter.append", "getWriter.format",
          "PrintWriter.print*", "PrintWriter.write", "PrintWriter.append", "PrintWriter.format",
          "getOutputStream.print*", "getOutputStream.write", "ServletOutputStream.print*",
          "ServletOutputStream.write", "JspWriter.print*", "JspWriter.write", from_on = 2 },
        argument { "HttpServletResponse.sendError", 3 },
      },
      except = { numbers(), call { ".encodeForHTML", ".encodeForHTMLAttribute", ".encodeForJavaScript", ".encodeForCSS",
        ".encodeForURL", "Encode.forHtml*", "Encode.forJavaScript*", "Encode.forUri*", "Encode.forCss*",
        "StringEscapeUtils.escapeHtml*", "HtmlUtils.htmlEscape*", "URLEncoder.encode",
        "JavaScriptUtils.javaScriptEscape", "Jsoup.clean" } },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[import javax.servlet.http.*;
class Hello extends HttpServlet {
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
        response.getWriter().println("<p>Hello " + request.getParameter("name"));
    }
}
]=],
      [=[import java.io.PrintWriter;
import javax.servlet.http.*;
class Hello extends HttpServlet {
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
        PrintWriter out = response.getWriter();
        for (Cookie cookie : request.getCookies())
            if (cookie.getName.equals("theme"))
                out.write("<body class=" + cookie.getValue() + ">");
    }
}
]=],
      [=[import javax.servlet.http.*;
class Hello extends HttpServlet {
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws Exception {
        response.getWriter().println(Hosts.byName(request.getParameter("host")).getCanonicalName());
    }
}
]=],
    },
    miss = {
      [=[import javax.servlet.http.*;
import org.owasp.encoder.Encode;
class Hello extends HttpServlet {
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
        response.getWriter().println("<p>Hello " + Encode.forHtml(request.getParameter("name")));
    }
}
]=],
      [=[import javax.servlet.http.*;
class Hello extends HttpServlet {
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
        System.out.println(request.getParameter("name"));
        response.getWriter().println("<p>Hello");
    }
}
]=],
    },
  },
}

rule "java-open-redirect" {
  title     = "A browser is sent where text that came with a request says",
  tags      = { "java", "web", "cwe-601" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/601.html",
                remediation = "Redirect to paths of this site only, chosen from a list." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input", "database", "properties" },
      to     = { argument { ".sendRedirect", 2 }, argument { "RedirectView", "ModelAndView", 1 } },
      except = { numbers(), call { "URLEncoder.encode", ".encodeForURL" } },
      unless = known { guard { call ".startsWith", on = 1 } },
    },
  },
  examples  = {
    match = {
      [=[import javax.servlet.http.*;
class Login {
    void done(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
        String next = request.getParameter("next");
        if (next == null) next = "/";
        response.sendRedirect(next);
    }
}
]=],
      [=[import javax.servlet.http.*;
class Login {
    private String next;
    Login(HttpServletRequest request) { next = request.getQueryString().substring(5); }
    void go(HttpServletResponse response) throws java.io.IOException { response.sendRedirect(next); }
    static void run(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
        new Login(request).go(response);
    }
}
]=],
    },
    miss = {
      [=[import javax.servlet.http.*;
class Login {
    void done(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
        String next = request.getParameter("next");
        if (next.startsWith("/pages/")) response.sendRedirect(next);
    }
}
]=],
      [=[import javax.servlet.http.*;
class Login {
    void done(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
        response.sendRedirect("/page?id=" + Integer.parseInt(request.getParameter("id")));
    }
}
]=],
    },
  },
}

rule "java-header-injection" {
  title     = "Text that came with a request is written to a response's headers",
  tags      = { "java", "web", "cwe-113" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/113.html",
                remediation = "Refuse line breaks in what goes into headers." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside { "request", "input", "database", "properties" },
      to     = { argument { "HttpServletResponse.addHeader", "HttpServletResponse.setHeader",
        "HttpServletResponse.addCookie", 2, 3 } },
      except = { numbers(), call { "URLEncoder.encode", ".encodeForURL", "Encode.forUri*", ".encodeForHTML" } },
      unless = known { guard { call { ".contains", ".matches" }, on = 1, outcome = false } },
    },
  },
  examples  = {
    match = {
      [=[import javax.servlet.http.*;
class Page {
    void head(HttpServletRequest request, HttpServletResponse response) {
        response.addHeader("X-Language", request.getParameter("language"));
    }
}
]=],
      [=[import javax.servlet.http.*;
class Page {
    void head(HttpServletRequest request, HttpServletResponse response) {
        Cookie cookie = new Cookie("language", request.getHeader("Accept-Language").trim());
        response.addCookie(cookie);
    }
}
]=],
    },
    miss = {
      [=[import java.net.URLEncoder;
import javax.servlet.http.*;
class Page {
    void head(HttpServletRequest request, HttpServletResponse response) throws Exception {
        response.addHeader("X-Language", URLEncoder.encode(request.getParameter("language"), "UTF-8"));
    }
}
]=],
      [=[import javax.servlet.http.*;
class Page {
    void head(HttpServletRequest request, HttpServletResponse response) {
        String text = request.getParameter("language");
        if (!text.contains("\n")) response.setHeader("X-Language", text);
    }
}
]=],
    },
  },
}

rule "java-trust-boundary" {
  title     = "Text that came with a request is put into the session",
  tags      = { "java", "web", "cwe-501" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/501.html",
                remediation = "Check it first, or keep it beside what the program knows." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside "request",
      to     = { argument { "HttpSession.setAttribute", "HttpSession.putValue", "getSession.setAttribute",
        "getSession.putValue", 2, 3 } },
      except = { numbers() },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[import javax.servlet.http.*;
class Login {
    void user(HttpServletRequest request) {
        request.getSession().setAttribute("user", request.getParameter("user"));
    }
}
]=],
      [=[import javax.servlet.http.*;
class Login {
    void user(HttpServletRequest request) {
        HttpSession session = request.getSession(true);
        String[] values = request.getParameterValues("user");
        session.putValue(values[0], "1");
    }
}
]=],
    },
    miss = {
      [=[import javax.servlet.http.*;
class Login {
    void user(HttpServletRequest request) {
        String user = request.getParameter("user");
        if (user.matches("[a-z]+")) request.getSession().setAttribute("user", user);
    }
}
]=],
      [=[import javax.servlet.http.*;
class Login {
    void user(HttpServletRequest request) { request.setAttribute("user", request.getParameter("user")); }
}
]=],
    },
  },
}

rule "java-log-forging" {
  title     = "Text that came with a request is written to a log, with its line breaks",
  tags      = { "java", "web", "cwe-117" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/117.html",
                remediation = "Replace line breaks in what is logged." },
  language  = "java",
  confirm   = {
    taint {
      from   = outside "request",
      to     = { argument { "Logger.info", "Logger.warn", "Logger.error", "Logger.debug", "Logger.trace",
        "Logger.fatal", "Logger.warning", "Logger.severe", "Logger.fine", "Logger.config", "Logger.log",
        "Log.info", "Log.warn", "Log.error", "Log.debug", "Log.trace", "Log.fatal", "getServletContext.log",
        from_on = 2 } },
      except = { numbers(), call { ".replace", ".replaceAll", ".encodeForHTML", "Encode.forJava*",
        "StringEscapeUtils.escapeJava", "URLEncoder.encode" } },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[import java.util.logging.Logger;
class Login {
    private static final Logger LOG = Logger.getLogger("login");
    void failed(javax.servlet.http.HttpServletRequest request) {
        LOG.warning("no such user: " + request.getParameter("user"));
    }
}
]=],
      [=[import org.slf4j.*;
class Login {
    private final Logger log = LoggerFactory.getLogger(Login.class);
    void failed(javax.servlet.http.HttpServletRequest request) { log.info("{} failed", request.getHeader("X-User")); }
}
]=],
    },
    miss = {
      [=[import java.util.logging.Logger;
class Login {
    private static final Logger LOG = Logger.getLogger("login");
    void failed(javax.servlet.http.HttpServletRequest request) {
        LOG.warning("no such user: " + request.getParameter("user").replaceAll("[\r\n]", "_"));
    }
}
]=],
      [=[import java.util.logging.Logger;
class Login {
    private static final Logger LOG = Logger.getLogger("login");
    void failed(javax.servlet.http.HttpServletRequest request) {
        LOG.warning("wrong number: " + Integer.parseInt(request.getParameter("user")));
    }
}
]=],
    },
  },
}
