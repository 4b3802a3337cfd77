package io.github.yspay;

import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Run by {@link NativeLibraryTest}: two class loaders, as of two web applications, each with its own copy of the
 * classes. The first argument is a wrong path that the first try is made with, or {@code -}; the rest is the class path.
 */
final class TwoLoadersProgram {
    private TwoLoadersProgram() {}

    public static void main(String[] arguments) throws Exception {
        URL[] urls = new URL[arguments.length - 1];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = Paths.get(arguments[i + 1]).toUri().toURL();
        }
        ClassLoader aboveTheApplication = ClassLoader.getSystemClassLoader().getParent();
        try (URLClassLoader first = new URLClassLoader(urls, aboveTheApplication);
                URLClassLoader second = new URLClassLoader(urls, aboveTheApplication)) {
            if (!arguments[0].equals("-")) {
                System.setProperty("yspay.library.path", arguments[0]);
                System.out.println("first: " + use(first));
                System.clearProperty("yspay.library.path");
            }
            // At once: only one may win.
            ExecutorService threads = Executors.newFixedThreadPool(2);
            List<Callable<String>> uses = new ArrayList<>();
            uses.add(() -> use(first));
            uses.add(() -> use(second));
            for (Future<String> result : threads.invokeAll(uses)) {
                System.out.println("race: " + result.get());
            }
            threads.shutdown();
            System.out.println("again: " + use(first));
            System.out.println("again: " + use(second));
        }
    }

    private static String use(ClassLoader loader) throws Exception {
        try {
            return "LOADED " + loader.loadClass("io.github.yspay.YspayClient").getMethod("version").invoke(null);
        } catch (InvocationTargetException e) {
            return "REFUSED " + e.getCause().getMessage();
        }
    }
}
