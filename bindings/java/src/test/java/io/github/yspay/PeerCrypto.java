package io.github.yspay;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jcajce.spec.SM2ParameterSpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** The platform's cryptography on Java's own JCE and BouncyCastle: no code of this library takes part. */
final class PeerCrypto {
    static final byte[] USER_ID = "1234567812345678".getBytes(StandardCharsets.US_ASCII);
    private static final Provider BOUNCY_CASTLE = new BouncyCastleProvider();

    private final Kind kind;
    private final PublicKey merchant;
    private final PrivateKey platform;

    PeerCrypto(Kind kind) throws Exception {
        this.kind = kind;
        String name = kind == Kind.RSA ? "rsa" : "sm2";
        try (InputStream in = Files.newInputStream(Repository.credential("merchant-" + name + ".cert.pem"))) {
            CertificateFactory certificates =
                    kind == Kind.RSA ? CertificateFactory.getInstance("X.509") : CertificateFactory.getInstance("X.509", BOUNCY_CASTLE);
            merchant = certificates.generateCertificate(in).getPublicKey();
        }
        String pem = Repository.read("tests/vectors/credentials/platform-" + name + ".key.pem");
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        KeyFactory keys = kind == Kind.RSA ? KeyFactory.getInstance("RSA") : KeyFactory.getInstance("EC", BOUNCY_CASTLE);
        platform = keys.generatePrivate(new PKCS8EncodedKeySpec(der));
    }

    /** Fields that are not blank, by name, as {@code name=value} with {@code &}: the page's rule, in Java's own words. */
    static String signedText(Map<String, String> fields) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, String> field : new TreeMap<>(fields).entrySet()) {
            if (!field.getValue().trim().isEmpty()) {
                text.append(text.length() == 0 ? "" : "&").append(field.getKey()).append('=').append(field.getValue());
            }
        }
        return text.toString();
    }

    private Signature signature(byte[] userId) throws GeneralSecurityException {
        if (kind == Kind.RSA) {
            return Signature.getInstance("SHA1withRSA");
        }
        Signature signature = Signature.getInstance("SM3withSM2", BOUNCY_CASTLE);
        signature.setParameter(new SM2ParameterSpec(userId));
        return signature;
    }

    /** Whether the merchant signed this. */
    boolean verifies(String text, byte[] signature) throws GeneralSecurityException {
        Signature verifier = signature(USER_ID);
        verifier.initVerify(merchant);
        verifier.update(text.getBytes(StandardCharsets.UTF_8));
        return verifier.verify(signature);
    }

    byte[] sign(String text) throws GeneralSecurityException {
        return sign(text, signature(USER_ID));
    }

    /** With another SM2 user id, which is another message to sign. */
    byte[] signAs(String text, byte[] userId) throws GeneralSecurityException {
        return sign(text, signature(userId));
    }

    /** With an algorithm that is not the protocol's. */
    byte[] signWith(String text, String algorithm) throws GeneralSecurityException {
        return sign(text, Signature.getInstance(algorithm, BOUNCY_CASTLE));
    }

    private byte[] sign(String text, Signature signer) throws GeneralSecurityException {
        signer.initSign(platform);
        signer.update(text.getBytes(StandardCharsets.UTF_8));
        return signer.sign();
    }

    static String decrypt(String data) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("DES/ECB/PKCS5Padding");
        byte[] key = Repository.DES_KEY.substring(0, 8).getBytes(StandardCharsets.UTF_8);
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "DES"));
        return new String(cipher.doFinal(Base64.getDecoder().decode(data)), StandardCharsets.UTF_8);
    }
}
