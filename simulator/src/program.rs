//! What a program around the simulator does between its command line and its end: start, write files, tell where.

use std::fmt;
use std::io::{self, Write};
use std::net::SocketAddr;
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
        /// Where it was to listen.
        address: SocketAddr,
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
            Error::Start { address, error } if error.kind() == io::ErrorKind::AddrInUse => {
                write!(
                    formatter,
                    "port {} is in use: name another (make simulator PORT=9000), or 0 for a free one",
                    address.port()
                )
            }
            Error::Start { address, error } => write!(formatter, "{address} cannot be listened on: {error}"),
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
        let address = SocketAddr::new(self.options.listen, self.options.port);
        let simulator = Simulator::start(self.options).map_err(|error| Error::Start { address, error })?;
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
        simulator.show_configurations(kit.as_ref().map_or(&[], |kit| &kit.configurations));
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

    /// For a program that started this one: one line of JSON, with the endpoint, the port, the process and, if there is
    /// one, the page for people.
    pub fn ready_line(&self) -> String {
        let (endpoint, port, pid) = (self.simulator.endpoint(), self.simulator.address().port(), std::process::id());
        let page = self.simulator.page().map(|page| format!(r#","page":"{page}""#)).unwrap_or_default();
        format!(r#"{{"endpoint":"{endpoint}","port":{port},"pid":{pid}{page}}}"#)
    }

    /// For a person, when others than this machine reach it.
    pub fn warning(&self) -> Option<String> {
        let address = self.exposed()?;
        Some(format!(
            "it listens on {address}, not on loopback alone: anyone who reaches this port can read and drive it"
        ))
    }

    /// Where it listens, if others than this machine reach it there.
    pub fn exposed(&self) -> Option<SocketAddr> {
        Some(self.simulator.address()).filter(|address| !address.ip().is_loopback())
    }

    /// The URL of another path of the simulator than the platform's.
    pub fn url(&self, path: &str) -> String {
        self.simulator.endpoint().replace(PATH, path)
    }

    /// For a person: the configurations, if any was written, what to do with them, and the page, if there is one.
    pub fn introduction(&self) -> String {
        let page = self.simulator.page().map(|page| format!("\nWatch and drive it in a browser: {page}\n"));
        let Some(kit) = &self.kit else { return page.unwrap_or_default() };
        let mut told = String::new();
        for Configuration { sign_type, path, text } in &kit.configurations {
            told += &format!("\n{sign_type}, in {}:\n{text}", path.display());
        }
        for path in &kit.kept {
            told += &format!("\nLeft as it is, for it was changed: {}\n", path.display());
        }
        told += &format!("\nA first program in each language: {}\n", kit.folder.join("README.md").display());
        told += page.as_deref().unwrap_or_default();
        let stats = self.url("/stats");
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
