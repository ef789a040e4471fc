// pair: a static method of another file
// flow
// file: a/A.java
package a;
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        b.Tools.go(x);
    }
}
// file: b/Tools.java
package b;
public class Tools {
    public static void go(String c) throws Exception { Runtime.getRuntime().exec(c); } // SINK
}
// clean
// file: a/A.java
package a;
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        b.Tools.go("ls");
    }
}
// file: b/Tools.java
package b;
public class Tools {
    public static void go(String c) throws Exception { Runtime.getRuntime().exec(c); }
}
// pair: an object of another file
// flow
// file: a/A.java
package a;
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Tools t = new Tools(x);
        t.go();
    }
}
// file: b/Tools.java
package b;
public class Tools {
    private String c;
    public Tools(String c) { this.c = c; }
    public void go() throws Exception { Runtime.getRuntime().exec(c); } // SINK
}
// clean
// file: a/A.java
package a;
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Tools t = new Tools("ls");
        t.go();
    }
}
// file: b/Tools.java
package b;
public class Tools {
    private String c;
    public Tools(String c) { this.c = c; }
    public void go() throws Exception { Runtime.getRuntime().exec(c); }
}
// pair: a constant of another file
// flow
// file: a/A.java
package a;
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (Tools.LEVEL == 4)
            Runtime.getRuntime().exec(x); // SINK
    }
}
// file: b/Tools.java
package b;
public class Tools { public static final int LEVEL = 4; }
// clean
// file: a/A.java
package a;
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (Tools.LEVEL == 5)
            Runtime.getRuntime().exec(x);
    }
}
// file: b/Tools.java
package b;
public class Tools { public static final int LEVEL = 4; }
// pair: what another file gives
// flow
// file: a/A.java
package a;
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Runtime.getRuntime().exec(Tools.read("x")); // SINK
    }
}
// file: b/Tools.java
package b;
public class Tools {
    static String read(String n) { return new Request().getParameter(n); }
    static String fixed(String n) { return n; }
}
// clean
// file: a/A.java
package a;
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Runtime.getRuntime().exec(Tools.fixed("x"));
    }
}
// file: b/Tools.java
package b;
public class Tools {
    static String read(String n) { return new Request().getParameter(n); }
    static String fixed(String n) { return n; }
}
// pair: a base in another file
// flow
// file: a/A.java
package a;
import java.util.*;
class A {
    interface Unused { }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        new Job().go(x);
    }
}
// file: a/Base.java
package b;
public class Base { public void go(String c) throws Exception { Runtime.getRuntime().exec(c); } } // SINK
class Job extends Base { }
// clean
// file: a/A.java
package a;
import java.util.*;
class A {
    interface Unused { }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        new Job().go("ls");
    }
}
// file: a/Base.java
package b;
public class Base { public void go(String c) throws Exception { Runtime.getRuntime().exec(c); } }
class Job extends Base { }
// pair: a method that is found by its name alone
// flow
// file: a/A.java
package a;
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Object t = find();
        var u = make();
        u.launchIt(x);
    }
}
// file: b/Tools.java
package b;
public class Tools { public void launchIt(String c) throws Exception { Runtime.getRuntime().exec(c); } } // SINK
// clean
// file: a/A.java
package a;
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Object t = find();
        var u = make();
        u.launchIt("ls");
    }
}
// file: b/Tools.java
package b;
public class Tools { public void launchIt(String c) throws Exception { Runtime.getRuntime().exec(c); } }
// pair: bases of two classes that are called the same
// flow
// file: b/A.java
package b;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        new Job().go(x);
    }
}
// file: a/Job.java
package a;
class Job extends Quiet { }
// file: a/Quiet.java
package a;
class Quiet { public void go(String c) throws Exception { Runtime.getRuntime().exec("ls"); } }
// file: b/Job.java
package b;
class Job extends Loud { }
// file: b/Loud.java
package b;
class Loud { public void go(String c) throws Exception { Runtime.getRuntime().exec(c); } } // SINK
// clean
// file: b/A.java
package b;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        new Job().go(x);
    }
}
// file: a/Job.java
package a;
class Job extends Quiet { }
// file: a/Quiet.java
package a;
class Quiet { public void go(String c) throws Exception { Runtime.getRuntime().exec(c); } }
// file: b/Job.java
package b;
class Job extends Loud { }
// file: b/Loud.java
package b;
class Loud { public void go(String c) throws Exception { Runtime.getRuntime().exec("ls"); } }
