import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;

/**
 * What signatures cost in Java, with keys and {@code Signature} objects that are kept, which BouncyCastle makes tables for: a line for each, {@code PROVIDER ALGORITHM SIGN VERIFY}, in
 * nanoseconds of processor time. With BouncyCastle's too, if its jar is on the class path: {@code java -cp bcprov.jar
 * Signatures.java}.
 */
final class Signatures {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    /** The just-in-time compiler has done with what runs so often. */
    private static final int WARM_UP = 5_000;
    private static final int ROUNDS = 7;
    private static final int TIMES = 20;
    /** As long as a request's signed text. */
    private static final byte[] MESSAGE = new byte[250];

    private interface Work {
        void run() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        measure("JCE", null, "RSA-2048", rsa(2048), "SHA1withRSA");
        measure("JCE", null, "RSA-1024", rsa(1024), "SHA1withRSA");
        Provider provider;
        try {
            provider = (Provider) Class.forName("org.bouncycastle.jce.provider.BouncyCastleProvider")
                    .getDeclaredConstructor().newInstance();
        } catch (ClassNotFoundException error) {
            return;
        }
        Security.addProvider(provider);
        measure("BouncyCastle", provider, "RSA-2048", rsa(2048), "SHA1withRSA");
        measure("BouncyCastle", provider, "RSA-1024", rsa(1024), "SHA1withRSA");
        KeyPairGenerator sm2 = KeyPairGenerator.getInstance("EC", provider);
        sm2.initialize(new ECGenParameterSpec("sm2p256v1"));
        measure("BouncyCastle", provider, "SM2", sm2.generateKeyPair(), "SM3withSM2");
    }

    private static KeyPair rsa(int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    private static void measure(String name, Provider provider, String key, KeyPair pair, String algorithm)
            throws Exception {
        Signature signer = provider == null ? Signature.getInstance(algorithm) : Signature.getInstance(algorithm, provider);
        Signature verifier =
                provider == null ? Signature.getInstance(algorithm) : Signature.getInstance(algorithm, provider);
        byte[][] signature = new byte[1][];
        signer.initSign(pair.getPrivate());
        verifier.initVerify(pair.getPublic());
        long sign = median(() -> {
            signer.update(MESSAGE);
            signature[0] = signer.sign();
        });
        long verify = median(() -> {
            verifier.update(MESSAGE);
            if (!verifier.verify(signature[0])) {
                throw new IllegalStateException("the signature does not fit");
            }
        });
        System.out.println(name + " " + key + " " + sign + " " + verify);
    }

    private static long median(Work work) throws Exception {
        for (int time = 0; time < WARM_UP; time++) {
            work.run();
        }
        long[] found = new long[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long begun = THREADS.getCurrentThreadCpuTime();
            for (int time = 0; time < TIMES; time++) {
                work.run();
            }
            found[round] = (THREADS.getCurrentThreadCpuTime() - begun) / TIMES;
        }
        Arrays.sort(found);
        return found[ROUNDS / 2];
    }
}
