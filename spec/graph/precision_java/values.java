// pair: concatenation
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = "ls " + x;
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = "ls " + "y";
        Runtime.getRuntime().exec(c);
    }
}
// pair: an operator that assigns
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = "ls ";
        c += x;
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = "ls ";
        c += "y";
        Runtime.getRuntime().exec(c);
    }
}
// pair: overwritten
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = x;
        String d = "ls";
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = x;
        c = "ls";
        Runtime.getRuntime().exec(c);
    }
}
// pair: a conditional expression
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        final boolean on = false;
        String c = on ? "ls" : x;
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        final boolean on = false;
        String c = on ? "ls" : "pwd";
        Runtime.getRuntime().exec(c);
    }
}
// pair: an element of an array
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String[] a = new String[3];
        a[0] = "ls";
        a[1] = x;
        Runtime.getRuntime().exec(a[1]); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String[] a = new String[3];
        a[0] = "ls";
        a[1] = x;
        Runtime.getRuntime().exec(a[0]);
    }
}
// pair: an element by a variable
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String[] a = new String[3];
        int i = x.length();
        a[i] = x;
        Runtime.getRuntime().exec(a[1]); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String[] a = new String[3];
        int i = x.length();
        a[i] = "ls";
        Runtime.getRuntime().exec(a[1]);
    }
}
// pair: an initialiser of an array
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String[] a = { "ls", x };
        Runtime.getRuntime().exec(a[1]); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String[] a = { "ls", x };
        Runtime.getRuntime().exec(a[0]);
    }
}
// pair: an array as a whole
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String[] a = { "ls", x };
        Runtime.getRuntime().exec(a); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String[] a = { "ls", "y" };
        Runtime.getRuntime().exec(a);
    }
}
// pair: a builder of text
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        StringBuilder b = new StringBuilder("ls ");
        b.append(x).append(" -l");
        Runtime.getRuntime().exec(b.toString()); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        StringBuilder b = new StringBuilder("ls ");
        b.append(x.length()).append(" -l");
        Runtime.getRuntime().exec(b.toString());
    }
}
// pair: methods of texts
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = x.trim().substring(1);
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = x.trim().isEmpty() ? "a" : "b";
        Runtime.getRuntime().exec(c);
    }
}
// pair: a list
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        List<String> l = new ArrayList<>();
        l.add(x);
        Runtime.getRuntime().exec(l.get(0)); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        List<String> l = new ArrayList<>();
        l.add("ls");
        Runtime.getRuntime().exec(l.get(0));
    }
}
// pair: a map by a constant key
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Map<String, String> p = new HashMap<>();
        p.put("a", "ls");
        p.put("b", x);
        Runtime.getRuntime().exec(p.get("b")); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Map<String, String> p = new HashMap<>();
        p.put("a", "ls");
        p.put("b", x);
        Runtime.getRuntime().exec(p.get("a"));
    }
}
// pair: a map by any key
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Map<String, String> p = new HashMap<>();
        p.put("a", x);
        Runtime.getRuntime().exec(p.get(req.name())); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Map<String, String> p = new HashMap<>();
        p.put("a", "ls");
        Runtime.getRuntime().exec(p.get(req.name()));
    }
}
// pair: a cast
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Object o = x;
        String c = (String) o;
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Object o = "ls";
        String c = (String) o;
        Runtime.getRuntime().exec(c);
    }
}
// pair: a pattern of instanceof
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Object o = x;
        if (o instanceof String c && c != null)
            Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        Object o = "ls";
        if (o instanceof String c && c != null)
            Runtime.getRuntime().exec(c);
    }
}
// pair: a format
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = String.format("ls %s", x);
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = String.format("ls %s", x.length());
        Runtime.getRuntime().exec(c);
    }
}
// pair: var
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        var c = new StringBuilder();
        c.append(x);
        Runtime.getRuntime().exec(c.toString()); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        var c = new StringBuilder();
        c.append("ls");
        Runtime.getRuntime().exec(c.toString());
    }
}
// pair: a text block
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = """
            ls
            """ + x;
        Runtime.getRuntime().exec(c); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String c = """
            ls
            """ + "y";
        Runtime.getRuntime().exec(c);
    }
}
// pair: a value of an assignment
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String a, b;
        a = b = x;
        Runtime.getRuntime().exec(a); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String a, b;
        a = b = "ls";
        Runtime.getRuntime().exec(a);
    }
}
// pair: words of a text
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        StringTokenizer t = new StringTokenizer(x);
        while (t.hasMoreTokens())
            Runtime.getRuntime().exec(t.nextToken()); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        StringTokenizer t = new StringTokenizer("a b");
        while (t.hasMoreTokens())
            Runtime.getRuntime().exec(t.nextToken());
    }
}
// pair: a constant character of a text
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String guess = "ABC";
        char c = guess.charAt(0);
        String what = "ls";
        switch (c) {
            case 'A': what = x; break;
            case 'B': what = "pwd"; break;
            default: what = "w";
        }
        Runtime.getRuntime().exec(what); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        String guess = "ABC";
        char c = guess.charAt(1);
        String what = "ls";
        switch (c) {
            case 'A': what = x; break;
            case 'B': what = "pwd"; break;
            default: what = "w";
        }
        Runtime.getRuntime().exec(what);
    }
}
// pair: a group that a pattern finds in a text
// flow
import java.util.regex.*;
class A {
    private static final Pattern NAME = Pattern.compile("name=(.*)");
    void run(Request req) throws Exception {
        Matcher m = NAME.matcher(req.getParameter("x"));
        if (m.find()) Runtime.getRuntime().exec(m.group(1)); // SINK
    }
}
// clean
import java.util.regex.*;
class A {
    private static final Pattern NAME = Pattern.compile("name=(.*)");
    void run(Request req) throws Exception {
        Matcher m = NAME.matcher("name=ls"), other = NAME.matcher(req.getParameter("x"));
        if (m.find() && other.find()) Runtime.getRuntime().exec(m.group(1));
    }
}
// pair: a pattern replaces in a text
// flow
import java.util.regex.*;
class A {
    void run(Request req) throws Exception {
        Runtime.getRuntime().exec(Pattern.compile("a").matcher(req.getParameter("x")).replaceAll("b")); // SINK
    }
}
// clean
import java.util.regex.*;
class A {
    void run(Request req) throws Exception {
        Pattern.compile("a").matcher(req.getParameter("x")).replaceAll("b");
        Runtime.getRuntime().exec(Pattern.compile("a").matcher("aa").replaceAll("b"));
    }
}
// pair: what holds one value
// flow
import java.util.concurrent.atomic.*;
class A {
    void run(Request req) throws Exception {
        AtomicReference<String> kept = new AtomicReference<>();
        kept.set(req.getParameter("x"));
        Runtime.getRuntime().exec(kept.get()); // SINK
    }
}
// clean
import java.util.concurrent.atomic.*;
class A {
    void run(Request req) throws Exception {
        AtomicReference<String> kept = new AtomicReference<>(), other = new AtomicReference<>();
        other.set(req.getParameter("x"));
        kept.set("ls");
        Runtime.getRuntime().exec(kept.get());
    }
}
// pair: texts that are joined
// flow
import java.util.*;
class A {
    void run(Request req) throws Exception {
        String line = new StringJoiner(" ").add("ls").add(req.getParameter("x")).toString();
        Runtime.getRuntime().exec(line); // SINK
    }
}
// clean
import java.util.*;
class A {
    void run(Request req) throws Exception {
        StringJoiner other = new StringJoiner(" ").add(req.getParameter("x"));
        Runtime.getRuntime().exec(new StringJoiner(" ").add("ls").add("/tmp").toString());
    }
}
// pair: a private field that begins with a constant, and that a framework may set
// flow
class A {
    @Value("${debug}") private boolean debug = false;
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (debug) Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
class A {
    private boolean debug = false;
    private static int level = 0;
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        if (debug) Runtime.getRuntime().exec(x);
        if (level == 1) Runtime.getRuntime().exec(x);
    }
}
// pair: a letter of more than one byte in a constant text
// flow
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x"), text = "éab";
        if (text.charAt(1) == 'a') Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
class A {
    void run(Request req) throws Exception {
        String x = req.getParameter("x"), text = "eab";
        if (text.charAt(1) == 'b') Runtime.getRuntime().exec(x);
    }
}
// pair: constants that leave 32 bits
// flow
class A {
    static final int MOST = 2147483647, BELOW = MOST + 1, BYTE = (byte) 200;
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        int most = 2147483647;
        if (BELOW == -2147483648) Runtime.getRuntime().exec(x); // SINK
        if (most + 1 != 2147483648L) Runtime.getRuntime().exec(x); // SINK
        if (BYTE == -56) Runtime.getRuntime().exec(x); // SINK
        if ((int) 4294967296L == 0) Runtime.getRuntime().exec(x); // SINK
    }
}
// clean
class A {
    static final int MOST = 2147483646, ABOVE = MOST + 1, BYTE = (byte) 200;
    void run(Request req) throws Exception {
        String x = req.getParameter("x");
        int most = 2147483646;
        if (ABOVE == 1) Runtime.getRuntime().exec(x);
        if (most + 1 != 2147483647) Runtime.getRuntime().exec(x);
        if (BYTE == 200) Runtime.getRuntime().exec(x);
        if ((int) 4294967297L == 0) Runtime.getRuntime().exec(x);
    }
}
