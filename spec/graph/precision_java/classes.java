// pair: a field
// flow
import java.util.*;
class A {
    private String c;
    void set(String v) { c = v; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        set(x);
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    private String c;
    void set(String v) { c = v; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        set("ls");
        Runtime.getRuntime().exec(c);
    }
}
// pair: two fields
// flow
import java.util.*;
class A {
    String a, b;
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        this.a = x;
        this.b = "ls";
        Runtime.getRuntime().exec(a); // SINK
    }
}
// clean
import java.util.*;
class A {
    String a, b;
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        this.a = x;
        this.b = "ls";
        Runtime.getRuntime().exec(b);
    }
}
// pair: two objects
// flow
import java.util.*;
class A {
    String c;
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        A p = new A(), q = new A();
        p.c = x;
        q.c = "ls";
        Runtime.getRuntime().exec(p.c); // SINK
    }
}
// clean
import java.util.*;
class A {
    String c;
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        A p = new A(), q = new A();
        p.c = x;
        q.c = "ls";
        Runtime.getRuntime().exec(q.c);
    }
}
// pair: a constructor
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Job j = new Job(x, "a");
        Runtime.getRuntime().exec(j.what()); // SINK
    }
}
class Job {
    private final String w, o;
    Job(String w, String o) { this.w = w; this.o = o; }
    String what() { return w; }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Job j = new Job("a", x);
        Runtime.getRuntime().exec(j.what());
    }
}
class Job {
    private final String w, o;
    Job(String w, String o) { this.w = w; this.o = o; }
    String what() { return w; }
}
// pair: a static field
// flow
import java.util.*;
class A {
    static String c = "ls";
    static void set(String v) { c = v; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        set(x);
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    static String c = "ls";
    static void set(String v) { c = v; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        set("pwd");
        Runtime.getRuntime().exec(c);
    }
}
// pair: a method of a base
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Job j = new Job();
        j.set(x);
        Runtime.getRuntime().exec(j.get()); // SINK
    }
}
class Base {
    private String w;
    void set(String v) { w = v; }
    String get() { return w; }
}
class Job extends Base { }
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Job j = new Job();
        j.set("ls");
        Runtime.getRuntime().exec(j.get());
    }
}
class Base {
    private String w;
    void set(String v) { w = v; }
    String get() { return w; }
}
class Job extends Base { }
// pair: the method that overrides
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Base b = new Same();
        Runtime.getRuntime().exec(b.of(x)); // SINK
    }
}
abstract class Base { abstract String of(String v); }
class Same extends Base { String of(String v) { return v; } }
class Fixed extends Base { String of(String v) { return "ls"; } }
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Base b = new Fixed();
        Runtime.getRuntime().exec(b.of(x));
    }
}
abstract class Base { abstract String of(String v); }
class Same extends Base { String of(String v) { return v; } }
class Fixed extends Base { String of(String v) { return "ls"; } }
// pair: super
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Job j = new Job(x);
        Runtime.getRuntime().exec(j.w); // SINK
    }
}
class Base {
    String w;
    Base(String w) { this.w = w; }
}
class Job extends Base { Job(String v) { super(v); } }
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Job j = new Job("ls");
        Runtime.getRuntime().exec(j.w);
    }
}
class Base {
    String w;
    Base(String w) { this.w = w; }
}
class Job extends Base { Job(String v) { super(v); } }
// pair: an anonymous class
// flow
import java.util.*;
class A {
    interface Go { String of(String v); }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Go go = new Go() {
            public String of(String v) { return v; }
        };
        Runtime.getRuntime().exec(go.of(x)); // SINK
    }
}
// clean
import java.util.*;
class A {
    interface Go { String of(String v); }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Go go = new Go() {
            public String of(String v) { return "ls"; }
        };
        Runtime.getRuntime().exec(go.of(x));
    }
}
// pair: an inner class
// flow
import java.util.*;
class A {
    private String c;
    class Inner { String get() { return c; } }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        c = x;
        Runtime.getRuntime().exec(new Inner().get()); // SINK
    }
}
// clean
import java.util.*;
class A {
    private String c;
    class Inner { String get() { return c; } }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        c = "ls";
        Runtime.getRuntime().exec(new Inner().get());
    }
}
// pair: a record
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Job j = new Job(x, 1);
        Runtime.getRuntime().exec(j.w); // SINK
    }
}
record Job(String w, int n) { }
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Job j = new Job("ls", x.length());
        Runtime.getRuntime().exec(j.w);
    }
}
record Job(String w, int n) { }
// pair: a default method
// flow
import java.util.*;
class A {
    static class Job implements Go { }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Runtime.getRuntime().exec(new Job().of(x)); // SINK
    }
}
interface Go { default String of(String v) { return v; } }
// clean
import java.util.*;
class A {
    static class Job implements Go { }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Runtime.getRuntime().exec(new Job().of("ls"));
    }
}
interface Go { default String of(String v) { return v; } }
// pair: another value of a setter
// flow
import java.util.*;
class A {
    private String c = "ls";
    A with(String v) { c = v; return this; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Runtime.getRuntime().exec(new A().with(x).c); // SINK
    }
}
// clean
import java.util.*;
class A {
    private String c = "ls";
    A with(String v) { c = v; return this; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Runtime.getRuntime().exec(new A().with("pwd").c);
    }
}
// pair: a part of a record by its method
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Job j = new Job(x, "ls");
        Runtime.getRuntime().exec(j.w()); // SINK
    }
}
record Job(String w, String o) { }
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Job j = new Job(x, "ls");
        Runtime.getRuntime().exec(j.o());
    }
}
record Job(String w, String o) { }
// pair: classes whose names are not written like those of classes
// flow
class A {
    static class IO { static void start(String what) throws Exception { Runtime.getRuntime().exec(what); } } // SINK
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        helper.start(x);
        A.IO.start(x);
    }
}
class helper {
    static void start(String what) throws Exception { Runtime.getRuntime().exec(what); } // SINK
}
// clean
class A {
    static class IO { static void start(String what) throws Exception { Runtime.getRuntime().exec("ls"); } }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        helper.start(x);
        A.IO.start(x);
    }
}
class helper {
    static void start(String what) throws Exception { Runtime.getRuntime().exec("ls"); }
}
