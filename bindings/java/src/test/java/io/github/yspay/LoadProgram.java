package io.github.yspay;

/**
 * Run by {@link NativeLibraryTest}: loads the library once for each argument, which is its path or {@code -} for none; an
 * argument {@code name=value} sets a system property.
 */
final class LoadProgram {
    private LoadProgram() {}

    public static void main(String[] paths) {
        for (String path : paths) {
            if (path.contains("=")) {
                System.setProperty(path.substring(0, path.indexOf('=')), path.substring(path.indexOf('=') + 1));
                continue;
            }
            if (path.equals("-")) {
                System.clearProperty(NativeLibrary.PATH);
            } else {
                System.setProperty(NativeLibrary.PATH, path);
            }
            try {
                System.out.println("LOADED " + YspayClient.version());
            } catch (UnsatisfiedLinkError e) {
                System.out.println("REFUSED " + e.getMessage());
            }
        }
    }
}
