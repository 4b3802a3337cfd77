package io.github.yspay;

/** The two algorithms, with the test credentials of each. */
enum Kind {
    RSA("merchant-rsa-3des.pfx", "platform-rsa.cer"),
    SM("merchant.sm2", "platform-sm2.cer");

    final String keyFile;
    final String certificateFile;

    Kind(String keyFile, String certificateFile) {
        this.keyFile = keyFile;
        this.certificateFile = certificateFile;
    }
}
