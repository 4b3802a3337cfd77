package io.github.yspay;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Properties;

/**
 * Loads the native library, once for a JVM: from {@value #PATH} (a folder or the file itself) if that property is set,
 * else from the jar.
 */
final class NativeLibrary {
    /** The system property that names the library or its folder. */
    static final String PATH = "yspay.library.path";

    /** The system property by which the copies of this class in several class loaders know of each other. */
    static final String OWNER = "yspay.library.owner";

    static final String BUILD = "build one on this system, in yspay's source folder, with `cargo rustc --release --lib"
            + " --crate-type cdylib --no-default-features --features jni,redis`, and start Java with -D" + PATH + "=/the/folder/of/it.";

    static final String ONE_LOADER = "Each copy would keep a limit of its own, and the platform would see twice the calls"
            + " that it allows. Put yspay.jar where all applications share it (in Tomcat: $CATALINA_BASE/lib, and not in any"
            + " WEB-INF/lib) and restart the JVM; also after an application that brought its own copy was redeployed.";

    private static boolean loaded;

    private NativeLibrary() {}

    /**
     * Returns when the library is loaded.
     *
     * @throws UnsatisfiedLinkError it cannot be; the message says what to do, and the next call tries again
     */
    static synchronized void load() {
        if (loaded) {
            return;
        }
        claim();
        try {
            String path = System.getProperty(PATH);
            if (path != null) {
                loadFrom(named(path));
            } else {
                loadFromJar();
            }
            loaded = true;
        } finally {
            if (!loaded) {
                System.getProperties().remove(OWNER);
            }
        }
    }

    /** Makes sure that no other class loader has a copy, for two copies would be two limits. */
    private static void claim() {
        Properties properties = System.getProperties();
        Object owner = properties.putIfAbsent(OWNER, String.valueOf(NativeLibrary.class.getClassLoader()));
        if (owner != null) {
            throw new UnsatisfiedLinkError(
                    "yspay is loaded in this JVM already, by another class loader (" + owner + "). " + ONE_LOADER);
        }
    }

    private static Path named(String path) {
        File given = new File(path).getAbsoluteFile();
        File file = given;
        if (given.isDirectory()) {
            String platform = Platform.here();
            // The folder native/ of the jar has a folder for each platform.
            File among = new File(new File(given, platform), Platform.file(platform));
            file = among.isFile() ? among : new File(given, Platform.file(platform));
        }
        if (!file.isFile()) {
            throw new UnsatisfiedLinkError(PATH + " names " + given + ", but there is no file " + file + ". Correct the property,"
                    + " or leave it out: then the library comes from the jar.");
        }
        return file.toPath();
    }

    private static void loadFromJar() {
        String platform = Platform.here();
        String name = Platform.file(platform);
        try (InputStream library = resource(platform)) {
            if (library == null) {
                throw new UnsatisfiedLinkError("This yspay.jar carries no native library for " + platform + ", but "
                        + carried() + ". Use a jar that does, or " + BUILD);
            }
            Path folder = privateFolder();
            Path file = folder.resolve(name);
            try {
                Files.copy(library, file);
                loadFrom(file);
            } finally {
                Unpacked.remove(folder, file);
            }
        } catch (IOException | InvalidPathException e) {
            throw failure("The native library could not be unpacked into " + System.getProperty("java.io.tmpdir") + ": " + e
                    + ". Make room there, or start Java with -Djava.io.tmpdir=/another/folder, or unzip native/ of the jar and"
                    + " start Java with -D" + PATH + "=/that/folder.", e);
        }
    }

    private static InputStream resource(String platform) {
        return NativeLibrary.class.getResourceAsStream("/native/" + platform + "/" + Platform.file(platform));
    }

    /** For people: the platforms that this jar has libraries for. */
    private static String carried() throws IOException {
        StringBuilder found = new StringBuilder();
        for (String platform : Platform.PUBLISHED) {
            try (InputStream library = resource(platform)) {
                if (library != null) {
                    found.append(found.length() == 0 ? "for " : ", ").append(platform);
                }
            }
        }
        return found.length() == 0 ? "none at all" : "only " + found;
    }

    /** A new folder that only this user may enter, so that nobody can put another library in its place. */
    static Path privateFolder() throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))}
                : new FileAttribute<?>[0];
        // Named, for a folder that this locale cannot spell would else end Java's own class for such folders; and whole, for
        // System.load takes no other, and the property may be `tmp`.
        Path temporary = Paths.get(System.getProperty("java.io.tmpdir")).toAbsolutePath();
        return Files.createTempDirectory(temporary, Unpacked.PREFIX, attributes);
    }

    private static void loadFrom(Path file) {
        try {
            System.load(file.toString());
        } catch (UnsatisfiedLinkError e) {
            throw failure("The native library " + file + " cannot be loaded: " + e.getMessage() + ". " + LinkAdvice.of(e.getMessage(), file.toString()), e);
        } catch (RuntimeException e) {
            // IllegalCallerException, which Java 8 does not know.
            throw failure("Java does not permit yspay to load its native library: " + e.getMessage() + ". Start Java with"
                    + " --enable-native-access=ALL-UNNAMED, or =io.github.yspay where it is on the module path.", e);
        }
        String version;
        try {
            version = Text.decode(Native.version());
        } catch (UnsatisfiedLinkError e) {
            throw failure(file + " is another library than yspay's for Java; yspay's C library has the same file name. Correct "
                    + PATH + ", or " + BUILD, e);
        }
        if (!version.equals(jarVersion())) {
            throw new UnsatisfiedLinkError("The native library " + file + " is of yspay " + version + ", but the jar is of yspay "
                    + jarVersion() + ". Use the library of the same version, or leave out " + PATH + ".");
        }
    }

    private static String jarVersion() {
        Properties jar = new Properties();
        try (InputStream properties = NativeLibrary.class.getResourceAsStream("jar.properties")) {
            jar.load(properties);
        } catch (IOException | NullPointerException e) {
            throw failure("yspay.jar is not whole: it has no jar.properties. Get it again.", e);
        }
        return jar.getProperty("version");
    }

    private static UnsatisfiedLinkError failure(String message, Throwable cause) {
        UnsatisfiedLinkError error = new UnsatisfiedLinkError(message);
        error.initCause(cause);
        return error;
    }
}
