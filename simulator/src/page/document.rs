//! The page itself, one file without anything from outside.

use crate::http::Reply;

const PAGE: &str = include_str!("page.html");

/// The page with the token that drives it, and with a nonce, so that no script runs in it but its own.
pub(crate) fn reply(token: &str, nonce: &str) -> Reply {
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut reply = Reply::html(200, &PAGE.replace("{{token}}", token).replace("{{nonce}}", nonce));
    reply.content_type = "text/html; charset=utf-8";
    reply
        .with_header("Content-Security-Policy", policy)
        .with_header("X-Content-Type-Options", "nosniff")
        .with_header("Referrer-Policy", "no-referrer")
        .with_header("Cross-Origin-Resource-Policy", "same-origin")
        .with_header("Cache-Control", "no-store")
}
