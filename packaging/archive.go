// Command packaging makes the archives that a release consists of: for each system
// the stripped program, the manuals, the licences of everything that is in it, and on
// Linux a unit of systemd; and a list of their checksums. The same commit gives the
// same bytes, whoever makes them.
//
//	go run ./packaging archives VERSION COMMIT SECONDS FOLDER
//
// SECONDS is when the commit was made, since 1970: the date of every file. make dist
// says them all; make build and the image take the program alone, for one system:
//
//	go run ./packaging program linux/amd64 VERSION COMMIT FILE
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// systems are those an office has: GOOS and GOARCH.
var systems = [][2]string{
	{"linux", "amd64"}, {"linux", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"},
	{"darwin", "amd64"}, {"darwin", "arm64"},
}

// manuals go into every archive as they lie in the tree.
var manuals = []string{"README.md", "README.zh-CN.md", "LICENSE", "docs/*"}

// member is a file of an archive.
type member struct {
	name string // below the archive's one folder
	mode fs.FileMode
	data []byte
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "packaging:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 5 && args[0] == "archives":
		return release(args[1:])
	case len(args) == 5 && args[0] == "program":
		goos, goarch, _ := strings.Cut(args[1], "/")
		return compile([2]string{goos, goarch}, args[2], args[3], args[4])
	default:
		return errors.New("say archives VERSION COMMIT SECONDS FOLDER, or program SYSTEM VERSION COMMIT FILE")
	}
}

// release makes the archives and the list of their checksums.
func release(args []string) error {
	version, commit, folder := args[0], args[1], args[3]
	seconds, err := strconv.ParseInt(args[2], 10, 64)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	shared, err := read(manuals)
	if err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, system := range systems {
		members, err := build(system, version, commit)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", system[0], system[1], err)
		}
		members = append(members, shared...)
		slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
		stem := "duban-" + version + "-" + system[0] + "-" + system[1]
		name, pack := stem+".tar.gz", tarball
		if system[0] == "windows" {
			name, pack = stem+".zip", zipped
		}
		var archive bytes.Buffer
		if err := pack(&archive, stem, members, time.Unix(seconds, 0).UTC()); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name), archive.Bytes(), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(archive.Bytes()), name)
		fmt.Printf("%5.1f MB  %s\n", float64(archive.Len())/1e6, name)
	}
	return os.WriteFile(filepath.Join(folder, "SHA256SUMS"), sums.Bytes(), 0o644)
}

// read reads the files of those patterns.
func read(patterns []string) (members []member, err error) {
	for _, pattern := range patterns {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			members = append(members, member{filepath.ToSlash(name), 0o644, data})
		}
	}
	return members, nil
}

// build makes the program for a system, with what belongs to it alone.
func build(system [2]string, version, commit string) ([]member, error) {
	folder, err := os.MkdirTemp("", "duban-dist-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	name := "duban"
	if system[0] == "windows" {
		name = "duban.exe"
	}
	program := filepath.Join(folder, name)
	if err := compile(system, version, commit, program); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	licences, err := licenceTexts(system)
	if err != nil {
		return nil, err
	}
	members := []member{{name, 0o755, data}, {"LICENCES-OF-OTHERS.txt", 0o644, licences}}
	if system[0] == "linux" {
		unit, err := os.ReadFile("packaging/duban.service")
		if err != nil {
			return nil, err
		}
		members = append(members, member{"duban.service", 0o644, unit})
	}
	return members, nil
}

// licenceFile is how modules call the text of their licence.
var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)`)

// licenceTexts are the texts under which the modules in the program are given on.
func licenceTexts(system [2]string) ([]byte, error) {
	listed, err := goSays(system, "list", "-deps", "-json=Module,Standard", ".")
	if err != nil {
		return nil, err
	}
	folders := map[string]string{}
	for from := json.NewDecoder(bytes.NewReader(listed)); ; {
		var p struct {
			Module *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		if err := from.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		if p.Module != nil && !p.Module.Main {
			folders[p.Module.Path+" "+p.Module.Version] = p.Module.Dir
		}
	}
	root, err := goSays(system, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	folders["Go"] = strings.TrimSpace(string(root))
	var names []string
	for name := range folders {
		names = append(names, name)
	}
	slices.Sort(names)
	var out bytes.Buffer
	for _, name := range names {
		found := false
		files, err := os.ReadDir(folders[name])
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if file.IsDir() || !licenceFile.MatchString(file.Name()) {
				continue
			}
			data, err := os.ReadFile(filepath.Join(folders[name], file.Name()))
			if err != nil {
				return nil, err
			}
			found = true
			fmt.Fprintf(&out, "==== %s, %s ====\n\n%s\n\n", name, file.Name(), bytes.TrimSpace(data))
		}
		if !found {
			return nil, fmt.Errorf("%s has no licence", name)
		}
	}
	return out.Bytes(), nil
}

// compile makes the stripped program for a system. Functions begin at every sixteenth byte
// and not at every thirty-second, which is a hundredth of it. The pages stay inlined: without
// that they would be a megabyte smaller and cost a fifth more.
func compile(system [2]string, version, commit, file string) error {
	stamp := fmt.Sprintf("-s -w -funcalign=16 -X main.release=%s -X main.commit=%s", version, commit)
	_, err := goSays(system, "build", "-trimpath", "-buildvcs=false", "-ldflags", stamp, "-o", file, ".")
	return err
}

// goSays is what a go command prints, for that system and without C.
func goSays(system [2]string, args ...string) ([]byte, error) {
	c := exec.Command("go", args...)
	c.Env = append(os.Environ(), "GOOS="+system[0], "GOARCH="+system[1], "CGO_ENABLED=0")
	c.Stderr = os.Stderr
	return c.Output()
}

func tarball(to io.Writer, folder string, members []member, at time.Time) error {
	zipper, err := gzip.NewWriterLevel(to, gzip.BestCompression)
	if err != nil {
		return err
	}
	w := tar.NewWriter(zipper)
	for _, m := range members {
		head := &tar.Header{Name: folder + "/" + m.name, Mode: int64(m.mode), Size: int64(len(m.data)), ModTime: at, Format: tar.FormatPAX}
		if err := w.WriteHeader(head); err != nil {
			return err
		}
		if _, err := w.Write(m.data); err != nil {
			return err
		}
	}
	return errors.Join(w.Close(), zipper.Close())
}

func zipped(to io.Writer, folder string, members []member, at time.Time) error {
	w := zip.NewWriter(to)
	for _, m := range members {
		head := &zip.FileHeader{Name: folder + "/" + m.name, Method: zip.Deflate, Modified: at}
		head.SetMode(m.mode)
		file, err := w.CreateHeader(head)
		if err != nil {
			return err
		}
		if _, err := file.Write(m.data); err != nil {
			return err
		}
	}
	return w.Close()
}
