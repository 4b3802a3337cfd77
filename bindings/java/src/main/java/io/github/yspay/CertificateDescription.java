package io.github.yspay;

import java.io.Serializable;
import java.time.Instant;

/** A certificate; its dates are told, not judged. Immutable. */
public final class CertificateDescription implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String subject;
    private final String issuer;
    private final String serial;
    private final Instant notBefore;
    private final Instant notAfter;
    private final Integer daysLeft;

    CertificateDescription(Json certificate) {
        subject = certificate.text("subject");
        issuer = certificate.text("issuer");
        serial = certificate.text("serial");
        notBefore = Instant.parse(certificate.text("notBefore"));
        notAfter = Instant.parse(certificate.text("notAfter"));
        daysLeft = certificate.isNull("daysLeft") ? null : (int) certificate.number("daysLeft");
    }

    /** Whose it is. */
    public String getSubject() {
        return subject;
    }

    /** Who issued it. */
    public String getIssuer() {
        return issuer;
    }

    /** The serial number in upper-case hex. */
    public String getSerial() {
        return serial;
    }

    /** The first moment of its validity. */
    public Instant getNotBefore() {
        return notBefore;
    }

    /** The last moment of its validity. */
    public Instant getNotAfter() {
        return notAfter;
    }

    /**
     * How many whole days there were to the last moment of its validity when the client was described; negative when it
     * had passed, null when it is not known.
     */
    public Integer getDaysLeft() {
        return daysLeft;
    }

    /** For people. */
    @Override
    public String toString() {
        return subject + " (" + notBefore + " to " + notAfter + ")";
    }
}
