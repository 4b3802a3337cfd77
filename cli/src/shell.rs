//! Words of commands that are shown to be copied.

/// A name that a shell takes as one word.
pub(crate) fn quoted(name: &str) -> String {
    // On Windows it divides folders, elsewhere it escapes.
    let plain = |c: char| c.is_alphanumeric() || "._-/:@+,".contains(c) || (cfg!(windows) && c == '\\');
    if name.chars().all(plain) { name.to_owned() } else { format!("'{}'", name.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn what_a_shell_would_divide_or_expand_is_quoted() {
        for (name, word) in [
            ("/a/b-1.json", "/a/b-1.json"),
            ("目录/x", "目录/x"),
            ("a b", "'a b'"),
            ("$x", "'$x'"),
            ("a'b", r"'a'\''b'"),
        ] {
            assert_eq!(quoted(name), word);
        }
        #[cfg(unix)]
        assert_eq!(quoted(r"a\b"), r"'a\b'");
    }
}
