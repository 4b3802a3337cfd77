package yspay_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The examples as programs, linked with the shared library and with the static one.
func TestTheProgramsAskAndTell(t *testing.T) {
	t.Parallel()
	static := staticPrefix(t)
	for name, build := range map[string][]string{
		"shared": {"go", "build"},
		"static": {"env", "PKG_CONFIG_PATH=" + static + "/lib/pkgconfig", "CGO_LDFLAGS=-L" + static + "/lib", "go", "build", "-tags", "yspay_static"},
	} {
		bin := t.TempDir()
		run(t, append(build, "-o", bin, "./examples/...")...)
		for _, program := range []string{"query", "ownhttp"} {
			path := filepath.Join(bin, program)
			if needs := strings.Contains(run(t, "readelf", "-d", path), "libyspay"); needs != (name == "shared") {
				t.Errorf("%s: %s needs libyspay.so: %t", name, program, needs)
			}
			for _, signType := range []string{"RSA", "SM"} {
				config := configFile(t, signType)
				if told := run(t, path, config, "STS1-a"); told != "PENDING\n" {
					t.Errorf("%s: %s: %q", name, program, told)
				}
				refused, err := exec.Command(path, config, "C99-a").CombinedOutput()
				if err == nil || !strings.HasPrefix(string(refused), "yspay: BUSINESS: ") {
					t.Errorf("%s: %s: %q", name, program, refused)
				}
			}
		}
	}
}

// The last command of the page's first walk, with the prefix that there is here.
func TestThePagesWalkEndsWithAVerifiedAnswer(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(root("docs/go.md"))
	must(t, err)
	_, walk, _ := strings.Cut(string(page), "```sh\n")
	walk, _, _ = strings.Cut(walk, "\n```")
	command := walk[strings.LastIndex(walk, "\n")+1:]
	command = strings.NewReplacer("$PWD/target/try", prefix(t), "$PWD/target/simulator/sm.json", configFile(t, "SM"), "-C bindings/go", "").Replace(command)
	if told := run(t, "env", "-u", "PKG_CONFIG_PATH", "-u", "CGO_LDFLAGS", "sh", "-euc", command); told != "CREATED\n" {
		t.Errorf("%s: %q", command, told)
	}
}

// The commands of the README that the simulator writes for a first client, in that folder.
func TestTheSimulatorsFolderEndsWithAVerifiedAnswer(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	start(t, "--config-out", folder)
	readme, err := os.ReadFile(folder + "/README.md")
	must(t, err)
	_, commands, _ := strings.Cut(string(readme), "\nGo:\n\n```sh\n")
	commands, _, _ = strings.Cut(commands, "\n```")
	told := run(t, "env", "-C", folder, "-u", "PKG_CONFIG_PATH", "-u", "CGO_LDFLAGS", "PREFIX="+prefix(t), "YSPAY="+root(""), "sh", "-euc", commands)
	if told != "STS2-1 CREATED true true\n" {
		t.Errorf("%s: %q", commands, told)
	}
}

// A module of a user's own, which names this one by replace.
func TestAnotherModuleUsesIt(t *testing.T) {
	t.Parallel()
	program := t.TempDir() + "/contracts"
	run(t, "go", "-C", root("examples/go"), "build", "-o", program, ".")
	if told := run(t, program, configFile(t, "SM"), "STS2-a", "STS1-a"); told != "STS2-a CREATED true true\nSTS1-a PENDING false false\n" {
		t.Errorf("%q", told)
	}
}

func TestABuildWithoutCgoSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	build := exec.Command("go", "build", ".")
	build.Dir = root("bindings/go")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	told, err := build.CombinedOutput()
	first, _, _ := strings.Cut(strings.TrimPrefix(string(told), "# github.com/yspay/yspay/bindings/go\n"), "\n")
	if err == nil || !strings.Contains(first, "set CGO_ENABLED=1") {
		t.Errorf("%s", told)
	}
}

// What the README tells to type is typed, with the prefixes that there are here.
func TestTheReadmesCommandsWork(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(root("bindings/go/README.md"))
	must(t, err)
	prefixes := strings.NewReplacer("/opt/yspay-static", staticPrefix(t), "/opt/yspay", prefix(t))
	blocks := strings.Split(string(readme), "```sh\n")[1:]
	if len(blocks) != 2 {
		t.Fatalf("%d blocks", len(blocks))
	}
	for _, block := range blocks {
		commands, _, _ := strings.Cut(block, "```")
		run(t, "env", "-u", "PKG_CONFIG_PATH", "-u", "CGO_LDFLAGS", "sh", "-euc", prefixes.Replace(commands))
	}
}

// What the README shows in Go stands in a program that the tests run.
func TestTheReadmesGoIsTheExamples(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(root("bindings/go/README.md"))
	must(t, err)
	var programs strings.Builder
	for _, file := range []string{"example_test.go", "examples/query/main.go", "examples/ownhttp/main.go"} {
		text, err := os.ReadFile(root("bindings/go/" + file))
		must(t, err)
		programs.Write(text)
	}
	for _, block := range strings.Split(string(readme), "```go\n")[1:] {
		if code, _, _ := strings.Cut(block, "```"); !strings.Contains(programs.String(), code) {
			t.Errorf("no program holds\n%s", code)
		}
	}
}

// run is what a command prints on standard output; it runs in the module's folder.
func run(t *testing.T, command ...string) string {
	t.Helper()
	runs := exec.Command(command[0], command[1:]...)
	runs.Dir = root("bindings/go")
	runs.Env = append(os.Environ(), "GOEXPERIMENT=") // for the tests' own program, not for these
	var problems strings.Builder
	runs.Stderr = &problems
	told, err := runs.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", command, err, told, problems.String())
	}
	return string(told)
}

// prefix is where the library that this test uses is installed.
func prefix(t *testing.T) string {
	t.Helper()
	return strings.TrimSpace(run(t, "pkg-config", "--variable=prefix", "yspay"))
}

// staticPrefix is a prefix beside the other that holds only the static library. Its place is always the same, so that
// Go's build cache is of use.
func staticPrefix(t *testing.T) string {
	t.Helper()
	from, to := prefix(t), prefix(t)+"-static"
	must(t, os.MkdirAll(to+"/lib/pkgconfig", 0o755))
	for _, name := range []string{"/include", "/lib/libyspay.a"} {
		if err := os.Symlink(from+name, to+name); err != nil && !errors.Is(err, fs.ErrExist) {
			t.Fatal(err)
		}
	}
	description, err := os.ReadFile(from + "/lib/pkgconfig/yspay.pc")
	must(t, err)
	// Whole at any time, for another run of the tests may read it.
	moved, err := os.CreateTemp(to, "yspay.pc")
	must(t, err)
	_, err = moved.WriteString(strings.ReplaceAll(string(description), from, to))
	must(t, errors.Join(err, moved.Close(), os.Rename(moved.Name(), to+"/lib/pkgconfig/yspay.pc")))
	return to
}

// configFile is a configuration for the examples' simulator, in a file.
func configFile(t *testing.T, signType string) string {
	t.Helper()
	text, err := json.Marshal(configuration(signType, endpoint))
	must(t, err)
	path := t.TempDir() + "/config.json"
	must(t, os.WriteFile(path, text, 0o600))
	return path
}
