package io.github.yspay;

import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Run by {@link NativeLibraryTest}: a class loader, as of a web application, that used the library and is let go.
 * Arguments: CONFIG.json and the class path.
 */
final class UnloadProgram {
    private static final Logger LOGGER = Logger.getLogger("yspay");

    private UnloadProgram() {}

    public static void main(String[] arguments) throws Exception {
        LOGGER.setLevel(Level.ALL);
        WeakReference<ClassLoader> application = use(arguments);
        for (int i = 0; application.get() != null && i < 100; i++) {
            System.gc();
            Thread.sleep(20);
        }
        System.out.println(application.get() == null ? "COLLECTED" : "HELD");
        // What the library still does on threads of its own does not need the class loader.
        Thread.sleep(500);
        System.out.println("ALIVE");
    }

    private static WeakReference<ClassLoader> use(String[] arguments) throws Exception {
        URL[] urls = new URL[arguments.length - 1];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = Paths.get(arguments[i + 1]).toUri().toURL();
        }
        try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getSystemClassLoader().getParent())) {
            Class<?> type = loader.loadClass("io.github.yspay.YspayClient");
            Object client = type.getMethod("fromFile", Path.class).invoke(null, Paths.get(arguments[0]));
            Method query = type.getMethod("query", String.class, Duration.class);
            System.out.println("ANSWER " + query.invoke(client, "STS2-1", Duration.ofSeconds(20)));
            try {
                query.invoke(client, "HANG-1", Duration.ofMillis(200));
            } catch (InvocationTargetException e) {
                System.out.println("ABANDONED " + e.getCause().getMessage());
            }
            type.getMethod("close").invoke(client);
            return new WeakReference<>(loader);
        }
    }
}
