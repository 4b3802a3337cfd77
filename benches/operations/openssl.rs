//! The same signatures by OpenSSL, as its own benchmark tells.

use std::process::Command;
use std::time::Duration;

/// How long one signature and one verification took, for each key.
#[derive(Clone, Copy)]
pub(crate) struct Speed {
    pub(crate) rsa_2048: [Duration; 2],
    pub(crate) rsa_1024: [Duration; 2],
    pub(crate) sm2: [Duration; 2],
}

/// A second for each figure is within a few percent.
pub(crate) fn measure() -> Speed {
    let run = Command::new("openssl")
        .args(["speed", "-mr", "-seconds", "1", "rsa2048", "rsa1024", "sm2"])
        .output()
        .expect("the openssl command line is needed to compare with: install it");
    let text = String::from_utf8_lossy(&run.stdout);
    // +F2:1:2048:SIGNATURES:VERIFICATIONS for RSA, +F7:0:256:CurveSM2:SIGNATURES:VERIFICATIONS; in a second.
    let find = |start: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(start) && line.contains(key));
        let mut rates = line.into_iter().flat_map(|line| line.rsplit(':')).map_while(|word| word.parse::<f64>().ok());
        let (Some(verifications), Some(signatures)) = (rates.next(), rates.next()) else {
            panic!("`openssl speed -mr` said nothing of {key}: {text}{}", String::from_utf8_lossy(&run.stderr));
        };
        [signatures, verifications].map(|rate| Duration::from_secs_f64(1.0 / rate))
    };
    Speed { rsa_2048: find("+F2:", ":2048:"), rsa_1024: find("+F2:", ":1024:"), sm2: find("+F7:", ":CurveSM2:") }
}

impl Speed {
    /// The mean of two runs.
    pub(crate) fn and(self, other: Self) -> Self {
        let mean = |one: [Duration; 2], other: [Duration; 2]| [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
        Self {
            rsa_2048: mean(self.rsa_2048, other.rsa_2048),
            rsa_1024: mean(self.rsa_1024, other.rsa_1024),
            sm2: mean(self.sm2, other.sm2),
        }
    }
}
