package io.github.yspay;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes a client setting by setting. The settings are those of the JSON configuration, under the same names; what they
 * must be is checked by {@link #build}. A setting given twice has its last value; null takes it back. What ends in {@code
 * From} is the same setting, out of a variable or a file.
 *
 * <p>For one thread. Holds the secrets that it was given: do not keep it.
 */
public final class YspayClientBuilder {
    private final Map<String, Object> settings = new LinkedHashMap<String, Object>();
    private final Map<String, Object> privateKey = new LinkedHashMap<String, Object>();
    private final Map<String, Object> platformCertificate = new LinkedHashMap<String, Object>();
    private final Map<String, Object> rateLimit = new LinkedHashMap<String, Object>();
    private final Map<String, Object> sharedLimit = new LinkedHashMap<String, Object>();

    YspayClientBuilder() {}

    /** {@code test} or {@code production}: YSEPAY's own addresses. This, or {@link #endpoint}. */
    public YspayClientBuilder environment(String environment) {
        return set(settings, "environment", environment);
    }

    /** A URL of your own; plain http only to a loopback address or with {@link #allowHttp}. */
    public YspayClientBuilder endpoint(String url) {
        return set(settings, "endpoint", url);
    }

    /** Whether to take a plain http endpoint; default false. */
    public YspayClientBuilder allowHttp(boolean allow) {
        return set(settings, "allowHttp", allow);
    }

    /** The institution number that YSEPAY issued, 1 to 50 characters. Required. */
    public YspayClientBuilder src(String src) {
        return set(settings, "src", src);
    }

    /** {@code RSA} or {@code SM}; default: as the private key is. */
    public YspayClientBuilder signType(String signType) {
        return set(settings, "signType", signType);
    }

    /** The encryption key that YSEPAY issued (its sample calls it aesKey), whole. Required. */
    public YspayClientBuilder desKey(String desKey) {
        return set(settings, "desKey", desKey);
    }

    /** The encryption key, out of a variable or a file. */
    public YspayClientBuilder desKeyFrom(SecretPlace place) {
        return set(settings, "desKey", setting(place));
    }

    /** The institution's key, in a PKCS#12, CFCA .sm2 or PEM file. Required, in one of the four forms. */
    public YspayClientBuilder privateKey(Path file) {
        return source(privateKey, "path", file == null ? null : file.toString());
    }

    /** The institution's key as the content of such a file, for example of a resource. */
    public YspayClientBuilder privateKey(byte[] content) {
        return source(privateKey, "base64", base64(content));
    }

    /** The institution's key as PEM text. */
    public YspayClientBuilder privateKeyPem(String pem) {
        return source(privateKey, "pem", pem);
    }

    /** The institution's key as PEM text, out of a variable or a file. */
    public YspayClientBuilder privateKeyPemFrom(SecretPlace place) {
        return source(privateKey, "pem", setting(place));
    }

    /** The institution's key as the Base64 of a key file, out of a variable or a file. */
    public YspayClientBuilder privateKeyBase64From(SecretPlace place) {
        return source(privateKey, "base64", setting(place));
    }

    /** The institution's SM2 key as its number in 64 hex digits, or any such file in hex; spaces and colons are skipped. */
    public YspayClientBuilder privateKeyHex(String hex) {
        return source(privateKey, "hex", hex);
    }

    /** The institution's key in hex, out of a variable or a file. */
    public YspayClientBuilder privateKeyHexFrom(SecretPlace place) {
        return source(privateKey, "hex", setting(place));
    }

    /** The password of the private key's file. */
    public YspayClientBuilder privateKeyPassword(String password) {
        return set(privateKey, "password", password);
    }

    /** The password of the private key's file, out of a variable or a file. */
    public YspayClientBuilder privateKeyPasswordFrom(SecretPlace place) {
        return set(privateKey, "password", setting(place));
    }

    /** The friendly name of the key, for a file with several. */
    public YspayClientBuilder privateKeyAlias(String alias) {
        return set(privateKey, "alias", alias);
    }

    /** The platform's X.509 certificate, DER or PEM. Required, in one of the three forms. */
    public YspayClientBuilder platformCertificate(Path file) {
        return source(platformCertificate, "path", file == null ? null : file.toString());
    }

    /** The platform's certificate as the content of such a file, for example of a resource. */
    public YspayClientBuilder platformCertificate(byte[] content) {
        return source(platformCertificate, "base64", base64(content));
    }

    /** The platform's certificate as PEM text. */
    public YspayClientBuilder platformCertificatePem(String pem) {
        return source(platformCertificate, "pem", pem);
    }

    /** The whole call: waiting, connecting, all attempts; 1 ms to 1 h, in whole milliseconds; default 20 s. */
    public YspayClientBuilder timeout(Duration timeout) {
        return set(settings, "timeoutMs", millis(timeout));
    }

    /** Each connection; 1 ms to 1 h, in whole milliseconds; default 5 s. */
    public YspayClientBuilder connectTimeout(Duration timeout) {
        return set(settings, "connectTimeoutMs", millis(timeout));
    }

    /** How many requests a call may make, 1 to 10; default 3. */
    public YspayClientBuilder maxAttempts(int attempts) {
        return set(settings, "maxAttempts", attempts);
    }

    /**
     * The limit of calls a second: whole, 1 to 10 for a host of ysepay.com, to 10,000 for any other; or a fraction from 0.01
     * up to 1 (0.5 is one call every two seconds); default 10.
     */
    public YspayClientBuilder rateLimit(double perSecond) {
        return set(rateLimit, "perSecond", perSecond);
    }

    /**
     * The store of a limit for all processes and hosts that name it, a Redis or Valkey server:
     * {@code redis://[user:password@]host:port/db}, {@code rediss://…} for TLS (also {@code valkey://} and
     * {@code valkeys://}), {@code redis+sentinel://[user:password@]host:port,host:port/master/db}, or
     * {@code unix:///path?db=0}; user and password percent-encoded. Default: none, this process counts for itself.
     */
    public YspayClientBuilder sharedLimit(String url) {
        return set(sharedLimit, "url", url);
    }

    /** The store's URL, out of a variable or a file. */
    public YspayClientBuilder sharedLimitFrom(SecretPlace place) {
        return set(sharedLimit, "url", setting(place));
    }

    /** What the names of all the store's keys begin with: 1 to 64 ASCII letters, digits and . _ : -; default yspay. */
    public YspayClientBuilder sharedLimitPrefix(String prefix) {
        return set(sharedLimit, "prefix", prefix);
    }

    /** One question to the store, connecting included; 1 ms to 60 s, in whole milliseconds; default 500 ms. */
    public YspayClientBuilder sharedLimitTimeout(Duration timeout) {
        return set(sharedLimit, "timeoutMs", millis(timeout));
    }

    /**
     * A rate as for {@link #rateLimit}, of this process by itself while the store is away; default: none, calls fail with
     * {@link ErrorCode#LIMITER_UNAVAILABLE}.
     */
    public YspayClientBuilder sharedLimitFallback(double perSecond) {
        return set(sharedLimit, "fallbackPerSecond", perSecond);
    }

    /** A PEM file of roots to trust beside the built-in ones when the store is asked; with TLS alone. */
    public YspayClientBuilder sharedLimitCaFile(Path file) {
        return set(sharedLimit, "caFile", file == null ? null : file.toString());
    }

    /**
     * {@code http://}, {@code https://}, {@code socks5://} or {@code socks5h://[user:password@]host:port}, or
     * {@code none}; default: the environment's HTTPS_PROXY, ALL_PROXY and NO_PROXY. Java's own properties do not count.
     */
    public YspayClientBuilder proxy(String proxy) {
        return set(settings, "proxy", proxy);
    }

    /** The proxy's URL, out of a variable or a file. */
    public YspayClientBuilder proxyFrom(SecretPlace place) {
        return set(settings, "proxy", setting(place));
    }

    /** A PEM file of roots to trust beside the built-in ones. Java's own trust store does not count. */
    public YspayClientBuilder caFile(Path file) {
        return set(settings, "caFile", file == null ? null : file.toString());
    }

    /** 1 to 200 printable ASCII characters; default {@code yspay/VERSION}. */
    public YspayClientBuilder userAgent(String userAgent) {
        return set(settings, "userAgent", userAgent);
    }

    /**
     * Makes the client, reading its key files.
     *
     * @throws YspayException {@code INVALID_ARGUMENT}, {@code CONFIG} or {@code CREDENTIAL}; the message names the setting
     */
    public YspayClient build() {
        Map<String, Object> all = new LinkedHashMap<String, Object>(settings);
        if (!privateKey.isEmpty()) {
            all.put("privateKey", privateKey);
        }
        if (!platformCertificate.isEmpty()) {
            all.put("platformCertificate", platformCertificate);
        }
        Map<String, Object> limit = new LinkedHashMap<String, Object>(rateLimit);
        if (!sharedLimit.isEmpty()) {
            limit.put("shared", sharedLimit);
        }
        if (!limit.isEmpty()) {
            all.put("rateLimit", limit);
        }
        checkText("", all);
        checkRate("rateLimit.perSecond", rateLimit.get("perSecond"));
        checkRate("rateLimit.shared.fallbackPerSecond", sharedLimit.get("fallbackPerSecond"));
        return YspayClient.fromJson(JsonWriter.write(all));
    }

    /** Here, for the native library could not name the setting of what is no text. */
    private static void checkText(String parent, Map<?, ?> settings) {
        for (Map.Entry<?, ?> setting : settings.entrySet()) {
            String name = parent + setting.getKey();
            if (setting.getValue() instanceof Map) {
                checkText(name + ".", (Map<?, ?>) setting.getValue());
            } else if (setting.getValue() instanceof String) {
                Text.check((String) setting.getValue(), name);
            }
        }
    }

    /** Here, for JSON has no word for what is no number. */
    private static void checkRate(String name, Object perSecond) {
        if (perSecond != null && (((Double) perSecond).isNaN() || ((Double) perSecond).isInfinite())) {
            throw new YspayException(
                    ErrorCode.CONFIG,
                    name + " is " + perSecond + "; it must be a whole number, or a fraction from 0.01 up to 1.");
        }
    }

    private YspayClientBuilder set(Map<String, Object> object, String name, Object value) {
        if (value == null) {
            object.remove(name);
        } else {
            object.put(name, value);
        }
        return this;
    }

    /** One of several forms: the last that was given. */
    private YspayClientBuilder source(Map<String, Object> object, String form, Object value) {
        object.remove("path");
        object.remove("base64");
        object.remove("pem");
        object.remove("hex");
        return set(object, form, value);
    }

    private static Map<String, Object> setting(SecretPlace place) {
        return place == null ? null : place.setting;
    }

    private static Long millis(Duration timeout) {
        return timeout == null ? null : YspayClient.millis(timeout);
    }

    private static String base64(byte[] content) {
        return content == null ? null : Base64.getEncoder().encodeToString(content);
    }
}
