import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

/** Runs the extension in DuckDB's JDBC driver: java -cp JAR Jdbc.java EXTENSION DIRECTORY STATEMENTS */
public class Jdbc {
    static void check(boolean passed, String what) {
        if (!passed) {
            System.err.println("FAILED: " + what);
            System.exit(1);
        }
    }

    static String value(Connection connection, String query) throws SQLException {
        try (Statement s = connection.createStatement()) {
            if (!s.execute(query)) return null;
            try (var rows = s.getResultSet()) {
                return rows.next() ? rows.getString(1) : null;
            }
        }
    }

    static String error(Connection connection, String query) {
        try {
            value(connection, query);
        } catch (SQLException e) {
            return e.getMessage();
        }
        return "";
    }

    static List<String> statements(Connection connection, String file, String directory) throws Exception {
        List<String> queries = new ArrayList<>();
        for (String text : Files.readAllLines(Path.of(file))) {
            String line = text.trim().replace("{dir}", directory);
            if (line.startsWith("~")) queries.add(line.substring(1));
            if (line.isEmpty() || line.startsWith("~") || line.startsWith("--")) continue;
            String[] failure = line.split(" =>! "), result = failure[0].split(" => ");
            if (failure.length == 2) {
                String got = error(connection, failure[0]);
                check(got.contains(failure[1]), line + ": " + got);
                continue;
            }
            String got = value(connection, result[0]);
            check(result.length == 1 || result[1].equals(got), line + ": " + got);
        }
        return queries;
    }

    /** Runs 200 statements on 8 connections. */
    static void connections(Connection connection, List<String> queries) throws Exception {
        List<String> expected = new ArrayList<>();
        for (String q : queries) expected.add(value(connection, q.replace("{t}", "everyone")));
        List<Callable<Void>> work = new ArrayList<>();
        for (int n = 0; n < 8; n++) {
            int first = n;
            Connection other = connection.unwrap(org.duckdb.DuckDBConnection.class).duplicate();
            work.add(() -> {
                for (int i = 0; i < 25; i++) {
                    int at = (first + i) % queries.size();
                    String got = value(other, queries.get(at).replace("{t}", "teamup_customers"));
                    check(expected.get(at).equals(got), queries.get(at) + ": " + got + ", not " + expected.get(at));
                    if (i % 5 == 0) System.gc();
                }
                other.close();
                return null;
            });
        }
        var threads = Executors.newFixedThreadPool(8);
        for (var done : threads.invokeAll(work)) done.get();
        threads.shutdown();
    }

    static void prepared(Connection connection) throws SQLException {
        try (var s = connection.prepareStatement("SELECT count(*)::VARCHAR FROM teamup_customers WHERE is_active = ?")) {
            for (boolean active : new boolean[] {true, false, true}) {
                s.setBoolean(1, active);
                try (var rows = s.executeQuery()) {
                    rows.next();
                    String want = value(connection, "SELECT count(*)::VARCHAR FROM everyone WHERE is_active = " + active);
                    check(rows.getString(1).equals(want), "is_active = " + active + ": " + rows.getString(1) + ", not " + want);
                }
            }
        }
    }

    /** Returns the number of connections to the server that never responds. */
    static long connections() throws Exception {
        return Files.readAllLines(Path.of(System.getenv("SERVER_LOG"))).size();
    }

    /** Interrupts a scan of a server that never responds. */
    static void interrupt(Connection connection) throws Exception {
        value(connection, "CALL teamup_demo(customers := 0)");
        try (Statement s = connection.createStatement()) {
            long before = connections();
            new Thread(() -> {
                try {
                    while (connections() == before) Thread.sleep(50);
                    s.cancel();
                } catch (Exception e) {
                    check(false, e.toString());
                }
            }).start();
            long begin = System.nanoTime();
            String text = "";
            try {
                s.executeQuery("SELECT count(email) FROM teamup_customers");
            } catch (SQLException e) {
                text = e.getMessage();
            }
            double took = (System.nanoTime() - begin) / 1e9;
            check(text.toLowerCase().contains("interrupt") && took < 30, "interrupt: " + text + " after " + took + " s");
        }
        check(value(connection, "SELECT 42").equals("42"), "the connection works after an interrupt");
    }

    /** The JVM uses SIGSEGV itself. */
    static void nullPointers() {
        int caught = 0;
        for (int i = 0; i < 200_000; i++) {
            String s = i % 2 == 0 ? null : "x";
            try {
                caught -= s.length() - 1;
            } catch (NullPointerException e) {
                caught++;
            }
        }
        check(caught == 100_000, "null pointers: " + caught);
    }

    public static void main(String[] arguments) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("allow_unsigned_extensions", "true");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties)) {
            value(connection, "LOAD '" + arguments[0] + "'");
            connections(connection, statements(connection, arguments[2], arguments[1]));
            prepared(connection);
            nullPointers();
            interrupt(connection);
        }
    }
}
