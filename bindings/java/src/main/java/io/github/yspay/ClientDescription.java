package io.github.yspay;

import java.io.Serializable;

/** What a client is; nothing secret. Immutable. */
public final class ClientDescription implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String endpoint;
    private final String src;
    private final String signType;
    private final double perSecond;
    private final SharedLimitDescription sharedLimit;
    private final String version;
    private final String privateKeyKind;
    private final String privateKeyContainer;
    private final CertificateDescription certificate;
    private final String platformKind;
    private final String platformFingerprintSha256;
    private final CertificateDescription platformCertificate;

    /** From the library's JSON of a description. */
    ClientDescription(Json description) {
        endpoint = description.text("endpoint");
        src = description.text("src");
        signType = description.text("signType");
        Json limit = description.object("rateLimit");
        perSecond = limit.decimal("perSecond");
        sharedLimit = limit.isNull("shared") ? null : new SharedLimitDescription(limit.object("shared"));
        version = description.text("version");
        Json key = description.object("privateKey");
        privateKeyKind = key.text("kind");
        privateKeyContainer = key.text("container");
        certificate = key.isNull("certificate") ? null : new CertificateDescription(key.object("certificate"));
        Json platform = description.object("platformCertificate");
        platformKind = platform.text("kind");
        platformFingerprintSha256 = platform.text("fingerprintSha256");
        platformCertificate = new CertificateDescription(platform);
    }

    /** Where requests go. */
    public String getEndpoint() {
        return endpoint;
    }

    /** The institution number. */
    public String getSrc() {
        return src;
    }

    /** {@code RSA} or {@code SM}. */
    public String getSignType() {
        return signType;
    }

    /**
     * The limit, in calls a second, that all clients of this process share for this address and institution; 0.5 is one
     * every two seconds.
     */
    public double getPerSecond() {
        return perSecond;
    }

    /** The store that keeps the limit for other processes, too; null if this process counts for itself. */
    public SharedLimitDescription getSharedLimit() {
        return sharedLimit;
    }

    /** The native library's version. */
    public String getVersion() {
        return version;
    }

    /** The institution's key: {@code RSA-2048} (or another length) or {@code SM2}. */
    public String getPrivateKeyKind() {
        return privateKeyKind;
    }

    /** The form of the key's file, for example {@code PKCS#12}. */
    public String getPrivateKeyContainer() {
        return privateKeyContainer;
    }

    /** The institution's certificate, beside the key; null if the file has none. */
    public CertificateDescription getCertificate() {
        return certificate;
    }

    /** The platform's key: {@code RSA-1024} (or another length) or {@code SM2}. */
    public String getPlatformKind() {
        return platformKind;
    }

    /** SHA-256 of the platform's certificate, in lower-case hex. */
    public String getPlatformFingerprintSha256() {
        return platformFingerprintSha256;
    }

    /** The platform's certificate. */
    public CertificateDescription getPlatformCertificate() {
        return platformCertificate;
    }

    /** For people. */
    @Override
    public String toString() {
        String rate = JsonWriter.number(perSecond) + " calls a second";
        if (sharedLimit != null) {
            rate += " shared at " + sharedLimit.getStore();
        }
        return "yspay " + version + ": " + src + " at " + endpoint + ", " + signType + ", " + rate;
    }
}
