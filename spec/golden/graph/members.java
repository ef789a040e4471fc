package shop;

import java.io.*;
import java.util.*;
import static shop.Limits.MOST;

public class Order {
    private static final int FIVE = 2 + 3;
    private boolean isOpen = true;
    static int count;
    static final List<String> NAMES = Arrays.asList("a", "b");
    final String owner;
    int[][] table = { { 1, 2 }, { 3 } };
    { count += 1; }

    interface Shape { String name(String x); default int sides() { return 0; } }
    static class Circle implements Shape { public String name(String x) { return x + "c"; } }
    class Line { String owner() { return owner; } }
    enum Color { RED("r"), GREEN("g") { int depth() { return 2; } }; final String n; Color(String n) { this.n = n; } int depth() { return 1; } }
    record Point(int x, String y) { Point { if (x < 0) throw new IllegalArgumentException(y); } }

    static { NAMES.forEach(System.out::println); }

    Order(String owner) { super(); this.owner = owner; }
    Order() { this("nobody"); }

    int add(int a, int b) { return a + b; }
    int add(int a, int... more) { return more.length > MOST ? add(a, more[0]) : a; }
    abstract static class Base { abstract void run(); void twice() { run(); this.run(); } }
    static class Job extends Base { void run() { super.twice(); Order.count++; } }
}
