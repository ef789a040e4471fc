class Ways {
    String values(String text, int n, Object what) {
        String all = text + n + 'c' + 1L;
        all += "!";
        int bits = (n << 2 | 0xff & ~n) >>> 24;
        char letter = "abc".charAt(1);
        Object[] list = new Object[] { text, n, null };
        String[][] grid = new String[n][2];
        list[n] = list[0];
        grid[1][n++] = (String) what;
        Map<String, String> map = new HashMap<>();
        map.put("k", text);
        boolean same = text.equals("x") && !Objects.equals(what, text) || bits == letter;
        if (what instanceof String s && s.length() > 3)
            return s;
        String block = """
            a
            b""";
        return same ? map.get("k") : java.util.Arrays.toString(list) + System.getenv("HOME").trim();
    }

    int loops(int[] list, Iterable<String> names) {
        int sum = 0;
        outer:
        for (int i = 0, j = 9; i < j; i++, j--) {
            for (String name : names) {
                if (name == null) continue outer;
                if (name.isEmpty()) break outer;
                sum += name.length();
            }
            do { sum--; } while (sum > 9);
        }
        while (true) { if (sum++ > 5) break; }
        return sum;
    }

    String choices(int n, String text, Object shape) {
        switch (n) {
            case 1:
            case 2: n = 5; break;
            default: n = 6;
            case 7: n = 8;
        }
        switch (text) { case "a" -> n = 1; case "b", "c" -> { n = 2; } default -> throw new Error(text); }
        return switch (shape) {
            case String s -> s;
            case Point(int x, String y) -> y;
            default -> { String last = text; yield last; }
        };
    }

    int tries(String name) throws Exception {
        synchronized (this) { assert name != null : "no name"; }
        try (Reader in = new FileReader(name); in) {
            return in.read();
        } catch (FileNotFoundException | SecurityException e) {
            throw new Exception(e);
        } catch (IOException e) {
            System.exit(1);
        } finally {
            name = null;
        }
        return 0;
    }

    Runnable inner(String seen) {
        Function<String, Integer> f = x -> x.length() + seen.length();
        seen.chars().map((a) -> { return a + 1; });
        Supplier<Ways> make = Ways::new;
        return new Runnable() {
            int runs;
            public void run() { runs++; inner(seen); System.out.println(Ways.this); }
        };
    }
}
