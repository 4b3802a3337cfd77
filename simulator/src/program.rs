//! What a program around the simulator does between its command line and its end: start, write files, tell where.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::client::{self, Configuration};
use crate::{Options, PATH, Simulator};

/// What a program is to start, and what to write for its clients.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// How the simulator behaves.
    pub options: Options,
    /// The file for the authority that vouches for HTTPS; by default `ca.pem` beside the configurations, if there are any.
    pub ca_out: Option<PathBuf>,
    /// The folder for the configurations of a client.
    pub config_out: Option<PathBuf>,
}

/// A simulator that runs, and the files that were written for its clients.
#[derive(Debug)]
pub struct Running {
    simulator: Simulator,
    configurations: Vec<Configuration>,
}

impl Program {
    /// Starts the simulator and writes the files.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::AddrInUse`] if another program has the port; any other kind if the simulator cannot start for
    /// another reason, or a file cannot be written.
    pub fn start(self) -> io::Result<Running> {
        let simulator = Simulator::start(self.options)?;
        if let Some(folder) = &self.config_out {
            std::fs::create_dir_all(folder)?;
        }
        // A configuration for HTTPS is of no use without the authority.
        let beside = self.config_out.as_ref().map(|folder| folder.join("ca.pem"));
        let ca = simulator.ca_pem().zip(self.ca_out.or(beside));
        if let Some((pem, path)) = &ca {
            std::fs::write(path, pem)?;
        }
        let ca_file = ca.as_ref().map(|(_, path)| path.as_path());
        let configurations = match &self.config_out {
            Some(folder) => client::write(folder, &simulator.endpoint(), ca_file)?,
            None => Vec::new(),
        };
        simulator.show_configurations(&configurations);
        Ok(Running { simulator, configurations })
    }
}

impl Running {
    /// What runs.
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// The configurations that were written.
    pub fn configurations(&self) -> &[Configuration] {
        &self.configurations
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
        let address = self.simulator.address();
        (!address.ip().is_loopback()).then(|| {
            format!(
                "it listens on {address}, not on loopback alone: anyone who reaches this port can read and drive it"
            )
        })
    }

    /// For a person: the configurations, if any was written, what to do with them, and the page, if there is one.
    pub fn introduction(&self) -> String {
        let page = self.simulator.page().map(|page| format!("\nWatch and drive it in a browser: {page}\n"));
        if self.configurations.is_empty() {
            return page.unwrap_or_default();
        }
        let mut told = String::new();
        for Configuration { sign_type, path, text } in &self.configurations {
            told += &format!("\n{sign_type}, in {}:\n{text}", path.display());
        }
        told += page.as_deref().unwrap_or_default();
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
