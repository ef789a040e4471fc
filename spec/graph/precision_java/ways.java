// pair: a test of a constant
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (5 == 5)
            Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (5 != 5)
            Runtime.getRuntime().exec(x);
    }
}
// pair: a constant field
// flow
import java.util.*;
class A {
    private static final int MODE = 3;
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (MODE == 3)
            Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
import java.util.*;
class A {
    private static final int MODE = 3;
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (MODE != 3)
            Runtime.getRuntime().exec(x);
    }
}
// pair: a private field that nobody writes
// flow
import java.util.*;
class A {
    private boolean on = true;
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (on)
            Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
import java.util.*;
class A {
    private boolean on = true;
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (!on)
            Runtime.getRuntime().exec(x);
    }
}
// pair: a private field that is written
// flow
import java.util.*;
class A {
    private boolean on = false;
    void set() { on = true; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (on)
            Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
import java.util.*;
class A {
    private boolean on = false;
    void set() { boolean off = on; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (on)
            Runtime.getRuntime().exec(x);
    }
}
// pair: a static field of another class
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (Settings.on)
            Runtime.getRuntime().exec(x); // SINK
    }
}
class Settings { static boolean on = true; }
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (Settings.on)
            Runtime.getRuntime().exec(x);
    }
}
class Settings { static boolean on = false; }
// pair: a method that gives a constant
// flow
import java.util.*;
class A {
    static boolean isOn() { return true; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (isOn())
            Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
import java.util.*;
class A {
    static boolean isOn() { return false; }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (isOn())
            Runtime.getRuntime().exec(x);
    }
}
// pair: a switch of numbers
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        int k = 6;
        switch (k) {
            case 6:
                Runtime.getRuntime().exec(x); // SINK
                break;
            default:
                break;
        }
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        int k = 7;
        switch (k) {
            case 6:
                Runtime.getRuntime().exec(x);
                break;
            default:
                break;
        }
    }
}
// pair: a switch of texts
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        switch (x) {
            case "ls":
                req.log();
                break;
            default:
                Runtime.getRuntime().exec(x); // SINK
        }
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        switch (x) {
            case "ls":
                Runtime.getRuntime().exec(x);
                break;
            default:
                req.log();
        }
    }
}
// pair: an arrow of a switch
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = switch (req.kind()) {
            case 1 -> "ls";
            case 2 -> { yield x; }
            default -> "pwd";
        };
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = switch (req.kind()) {
            case 1 -> "ls";
            case 2 -> { yield "w"; }
            default -> "pwd";
        };
        Runtime.getRuntime().exec(c);
    }
}
// pair: equal to a constant
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (!x.equals("ls"))
            Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if ("ls".equals(x))
            Runtime.getRuntime().exec(x);
    }
}
// pair: a guard that leaves
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (!isSafe("y")) return;
        Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (!isSafe(x)) return;
        Runtime.getRuntime().exec(x);
    }
}
// pair: a guard that throws
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (!x.matches("[a-z]+")) req.log();
        Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (!x.matches("[a-z]+")) throw new IllegalArgumentException();
        Runtime.getRuntime().exec(x);
    }
}
// pair: a guard in a method
// flow
import java.util.*;
class A {
    boolean good(String s) { return isSafe("y"); }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (good(x))
            Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
import java.util.*;
class A {
    boolean good(String s) { return isSafe(s); }
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (good(x))
            Runtime.getRuntime().exec(x);
    }
}
// pair: a list of what is known
// flow
import java.util.*;
class A {
    private static final List<String> KNOWN = Arrays.asList("a", "b");
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (KNOWN.contains("a"))
            Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
import java.util.*;
class A {
    private static final List<String> KNOWN = Arrays.asList("a", "b");
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (KNOWN.contains(x))
            Runtime.getRuntime().exec(x);
    }
}
// pair: what a loop leaves
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = "ls";
        for (int i = 0; i < 3; i++)
            c = c + x;
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = "ls";
        for (int i = 0; i < 3; i++)
            c = c + "a";
        Runtime.getRuntime().exec(c);
    }
}
// pair: elements of a list
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        for (String c : Arrays.asList("a", x))
            Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        for (String c : Arrays.asList("a", "b"))
            Runtime.getRuntime().exec(c);
    }
}
// pair: a labelled break
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = "ls";
        outer:
        for (;;) {
            for (;;) {
                c = x;
            break outer;
            }
        }
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = "ls";
        outer:
        for (;;) {
            for (;;) {
                break outer;
            }
        }
        Runtime.getRuntime().exec(c);
    }
}
// pair: do while
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = x;
        do {
            req.next();
        } while (req.more());
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = x;
        do {
            c = "ls";
        } while (req.more());
        Runtime.getRuntime().exec(c);
    }
}
// pair: what is caught
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = "ls";
        try {
            req.check();
            c = x;
        } catch (RuntimeException e) {
            Runtime.getRuntime().exec(c); // SINK
        }
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = "ls";
        try {
            req.check();
            String d = x;
        } catch (RuntimeException e) {
            Runtime.getRuntime().exec(c);
        }
    }
}
// pair: finally
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = x;
        try {
            req.check();
        } finally {
            req.close();
        }
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = x;
        try {
            req.check();
        } finally {
            c = "ls";
        }
        Runtime.getRuntime().exec(c);
    }
}
// pair: try with a resource
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        try (Scanner c = new Scanner(x)) {
            Runtime.getRuntime().exec(c.nextLine()); // SINK
        }
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        try (Scanner c = new Scanner("ls")) {
            Runtime.getRuntime().exec(c.nextLine());
        }
    }
}
// pair: behind the end of the program
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        req.exit(1);
        Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        System.exit(1);
        Runtime.getRuntime().exec(x);
    }
}
// pair: while true
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        while (true) {
            if (req.more()) break;
        }
        Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        while (true) {
            if (req.more()) return;
        }
        Runtime.getRuntime().exec(x);
    }
}
