package io.github.yspay;

/** Run by {@link NativeLibraryTest}: loads the library once for each argument, which is its path or {@code -} for none. */
final class LoadProgram {
    private LoadProgram() {}

    public static void main(String[] paths) {
        for (String path : paths) {
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
