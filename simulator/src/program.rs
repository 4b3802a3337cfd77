//! What a program around the simulator does between its command line and its end: start, write files, tell where.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;

use crate::client::Configuration;
use crate::kit::{self, Authority, Kit};
use crate::{Options, PATH, Simulator};

/// What a program is to start, and what to write for its clients.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// How the simulator behaves.
    pub options: Options,
    /// The file for the authority that vouches for HTTPS; by default `ca.pem` beside the configurations, if there are any.
    pub ca_out: Option<PathBuf>,
    /// The folder for the configurations of a client, with the keys and with a program in each language.
    pub config_out: Option<PathBuf>,
}

/// Why nothing runs.
#[derive(Debug)]
pub enum Error {
    /// The simulator cannot start: most likely the port is in use.
    Start {
        /// The port that it was to listen on.
        port: u16,
        /// What is in the way.
        error: io::Error,
    },
    /// The authority's file cannot be written.
    Authority(PathBuf, io::Error),
    /// The folder cannot be written.
    Folder(kit::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Start { port, error } if error.kind() == io::ErrorKind::AddrInUse => {
                write!(formatter, "port {port} is in use: name another (make simulator PORT=9000), or 0 for a free one")
            }
            Error::Start { error, .. } => error.fmt(formatter),
            Error::Authority(path, error) => write!(formatter, "{} cannot be written: {error}", path.display()),
            Error::Folder(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for Error {}

/// A simulator that runs, and the files that were written for its clients.
#[derive(Debug)]
pub struct Running {
    simulator: Simulator,
    kit: Option<Kit>,
}

impl Program {
    /// Starts the simulator and writes the files.
    ///
    /// # Errors
    ///
    /// If the simulator cannot start, or a file cannot be written.
    pub fn start(self) -> Result<Running, Error> {
        let port = self.options.port;
        let simulator = Simulator::start(self.options).map_err(|error| Error::Start { port, error })?;
        if let Some((pem, path)) = simulator.ca_pem().zip(self.ca_out.as_ref()) {
            std::fs::write(path, pem).map_err(|error| Error::Authority(path.clone(), error))?;
        }
        // A configuration for HTTPS is of no use without the authority.
        let authority = simulator.ca_pem().map(|pem| match &self.ca_out {
            Some(path) => Authority::Elsewhere(path),
            None => Authority::Inside(pem),
        });
        let kit = self.config_out.as_ref().map(|folder| kit::write(folder, &simulator.endpoint(), authority));
        let kit = kit.transpose().map_err(Error::Folder)?;
        Ok(Running { simulator, kit })
    }
}

impl Running {
    /// What runs.
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// The folder that was written.
    pub fn kit(&self) -> Option<&Kit> {
        self.kit.as_ref()
    }

    /// The configurations that were written.
    pub fn configurations(&self) -> &[Configuration] {
        self.kit.as_ref().map_or(&[], |kit| &kit.configurations)
    }

    /// For a program that started this one: one line of JSON, with the endpoint, the port and the process.
    pub fn ready_line(&self) -> String {
        let (endpoint, port, pid) = (self.simulator.endpoint(), self.simulator.address().port(), std::process::id());
        format!(r#"{{"endpoint":"{endpoint}","port":{port},"pid":{pid}}}"#)
    }

    /// For a person: the configurations, and what to do with them; nothing if none was written.
    pub fn introduction(&self) -> String {
        let Some(kit) = &self.kit else { return String::new() };
        let mut told = String::new();
        for Configuration { sign_type, path, text } in &kit.configurations {
            told += &format!("\n{sign_type}, in {}:\n{text}", path.display());
        }
        for path in &kit.kept {
            told += &format!("\nLeft as it is, for it was changed: {}\n", path.display());
        }
        told += &format!("\nA first program in each language: {}\n", kit.folder.join("README.md").display());
        let stats = self.simulator.endpoint().replace(PATH, "/stats");
        told += &format!(
            "\nAsk about STS2-1, BADSIG-1, …: --help lists them all. What was asked: {stats}. Ctrl-C ends it.\n"
        );
        told
    }

    /// Tells both, the line first.
    ///
    /// # Errors
    ///
    /// If the line cannot be written.
    pub fn tell(&self, output: &mut impl Write) -> io::Result<()> {
        writeln!(output, "{}", self.ready_line())?;
        output.flush()?;
        // Whoever wanted that line alone may have gone.
        let _ = output.write_all(self.introduction().as_bytes()).and_then(|()| output.flush());
        Ok(())
    }
}
