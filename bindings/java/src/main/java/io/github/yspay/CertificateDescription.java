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
        notBefore = moment(certificate.text("notBefore"));
        notAfter = moment(certificate.text("notAfter"));
        daysLeft = certificate.isNull("daysLeft") ? null : (int) certificate.number("daysLeft");
    }

    private static Instant moment(String text) {
        return text == null ? null : Instant.parse(text);
    }

    /** Whose it is. */
    public String getSubject() {
        return subject;
    }

    /** Who issued it. */
    public String getIssuer() {
        return issuer;
    }

    /** The serial number in upper-case hex; null if the certificate has none. */
    public String getSerial() {
        return serial;
    }

    /** The first moment of its validity; null if it cannot be read. */
    public Instant getNotBefore() {
        return notBefore;
    }

    /** The last moment of its validity; null if it cannot be read. */
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
        return subject + " (" + shown(notBefore) + " to " + shown(notAfter) + ")";
    }

    private static String shown(Instant moment) {
        return moment == null ? "unknown" : moment.toString();
    }
}
