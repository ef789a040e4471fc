// pair: a static method
// flow
import java.util.*;
class A {
    static void go(String c) throws Exception { Runtime.getRuntime().exec(c); } // SINK
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        go(x);
    }
}
// clean
import java.util.*;
class A {
    static void go(String c) throws Exception { Runtime.getRuntime().exec(c); }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        go("ls");
    }
}
// pair: which argument
// flow
import java.util.*;
class A {
    static void go(String a, String c) throws Exception { Runtime.getRuntime().exec(c); } // SINK
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        go("a", x);
    }
}
// clean
import java.util.*;
class A {
    static void go(String a, String c) throws Exception { Runtime.getRuntime().exec(c); }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        go(x, "ls");
    }
}
// pair: what is returned
// flow
import java.util.*;
class A {
    static String pick(String a, String b) { return b; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Runtime.getRuntime().exec(pick("ls", x)); // SINK
    }
}
// clean
import java.util.*;
class A {
    static String pick(String a, String b) { return b; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Runtime.getRuntime().exec(pick(x, "ls"));
    }
}
// pair: by the number of arguments
// flow
import java.util.*;
class A {
    static void go(String c) throws Exception { Runtime.getRuntime().exec(c); } // SINK
    static void go(String c, int n) { }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        go(x);
    }
}
// clean
import java.util.*;
class A {
    static void go(String c) throws Exception { Runtime.getRuntime().exec(c); }
    static void go(String c, int n) { }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        go(x, 1);
    }
}
// pair: any number of arguments
// flow
import java.util.*;
class A {
    static void go(int n, String... c) throws Exception { Runtime.getRuntime().exec(c[0]); } // SINK
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        go(1, "a", x);
    }
}
// clean
import java.util.*;
class A {
    static void go(int n, String... c) throws Exception { Runtime.getRuntime().exec(c[0]); }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        go(1, "a", "b");
    }
}
// pair: recursion
// flow
import java.util.*;
class A {
    String twice(String c, int n) { return n == 0 ? c : twice(c + new Request().getParameter("x"), n - 1); }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Runtime.getRuntime().exec(twice("ls", 3)); // SINK
    }
}
// clean
import java.util.*;
class A {
    String twice(String c, int n) { return n == 0 ? c : twice(c + "a", n - 1); }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Runtime.getRuntime().exec(twice("ls", 3));
    }
}
// pair: calls and returns are matched
// flow
import java.util.*;
class A {
    static String same(String c) { return c; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String a = same(x);
        String b = same("ls");
        Runtime.getRuntime().exec(a); // SINK
    }
}
// clean
import java.util.*;
class A {
    static String same(String c) { return c; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String a = same(x);
        String b = same("ls");
        Runtime.getRuntime().exec(b);
    }
}
// pair: an array that another fills
// flow
import java.util.*;
class A {
    static void fill(String[] to, String c) { to[0] = c; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String[] a = new String[1];
        fill(a, x);
        Runtime.getRuntime().exec(a[0]); // SINK
    }
}
// clean
import java.util.*;
class A {
    static void fill(String[] to, String c) { to[0] = c; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String[] a = new String[1];
        fill(a, "ls");
        Runtime.getRuntime().exec(a[0]);
    }
}
// pair: a lambda
// flow
import java.util.*;
class A {
    interface Go { void it(String c) throws Exception; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Go go = c -> Runtime.getRuntime().exec(c); // SINK
        go.it(x);
    }
}
// clean
import java.util.*;
class A {
    interface Go { void it(String c) throws Exception; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Go go = c -> Runtime.getRuntime().exec(c);
        go.it("ls");
    }
}
// pair: what a lambda sees
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = x;
        Runnable go = () -> {
            try {
                Runtime.getRuntime().exec(c); // SINK
            } catch (Exception e) {
            }
        };
        go.run();
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = "ls";
        Runnable go = () -> {
            try {
                Runtime.getRuntime().exec(c);
            } catch (Exception e) {
            }
        };
        go.run();
    }
}
// pair: a reference to a method
// flow
import java.util.*;
class A {
    interface Go { void it(String c) throws Exception; }
    static void exec(String c) throws Exception { Runtime.getRuntime().exec(c); } // SINK
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Go go = A::exec;
        go.it(x);
    }
}
// clean
import java.util.*;
class A {
    interface Go { void it(String c) throws Exception; }
    static void exec(String c) throws Exception { Runtime.getRuntime().exec(c); }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Go go = A::exec;
        go.it("ls");
    }
}
// pair: forEach
// flow
import java.util.*;
class A {
    static void exec(String c) { try { Runtime.getRuntime().exec(c); } catch (Exception e) { } } // SINK
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        List<String> l = new ArrayList<>();
        l.add(x);
        l.forEach(c -> exec(c));
    }
}
// clean
import java.util.*;
class A {
    static void exec(String c) { try { Runtime.getRuntime().exec(c); } catch (Exception e) { } }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        List<String> l = new ArrayList<>();
        l.add("ls");
        l.forEach(c -> exec(c));
    }
}
// pair: a stream
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        List<String> l = List.of("a", x);
        String c = l.stream().map(s -> s + "!").findFirst().get();
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        List<String> l = List.of("a", "b");
        String c = l.stream().map(s -> s + "!").findFirst().get();
        Runtime.getRuntime().exec(c);
    }
}
// pair: a sanitizer
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Runtime.getRuntime().exec(same(x)); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Runtime.getRuntime().exec(quote(x));
    }
}
// pair: what a stream is wrapped in
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Object c = new java.io.BufferedReader(new java.io.StringReader(x)).readLine();
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Object c = new java.io.BufferedReader(new java.io.StringReader("ls")).readLine();
        Runtime.getRuntime().exec(c);
    }
}
