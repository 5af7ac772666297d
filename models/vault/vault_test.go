package vault_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"duban/models"
	"duban/models/modelstest"
	"duban/models/vault"
)

// eachVault tells a story to a folder and to an S3-compatible store, which runs in
// this process and speaks the protocol over a real socket.
func eachVault(t *testing.T, story func(t *testing.T, v models.Vault)) {
	t.Run("folder", func(t *testing.T) { story(t, open(t, "folder:"+filepath.Join(t.TempDir(), "files"))) })
	t.Run("s3", func(t *testing.T) { story(t, open(t, "s3:"+bucket(t)+"/duban/pilot")) })
}

func open(t *testing.T, address string) models.Vault {
	t.Helper()
	v, err := vault.Open(context.Background(), address, vault.Keys{Access: "duban", Secret: "a-secret-of-the-test", Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// bucket is the address of an empty bucket.
func bucket(t *testing.T) string {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("evidence"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	return server.URL + "/evidence"
}

func take(t *testing.T, v models.Vault, content []byte) models.Draft {
	t.Helper()
	d, err := v.Take(context.Background(), bytes.NewReader(content), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Drop)
	return d
}

func read(t *testing.T, v models.Vault, key string) []byte {
	t.Helper()
	c, err := v.Open(context.Background(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	content, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func keys(t *testing.T, v models.Vault) (all []string) {
	t.Helper()
	err := v.Each(context.Background(), func(key string, age time.Duration) error {
		if age < -time.Minute || age > time.Minute {
			t.Errorf("%s was kept just now and is %v old", key, age)
		}
		all = append(all, key)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func TestWhatIsKeptIsThereToTheByte(t *testing.T) {
	eachVault(t, func(t *testing.T, v models.Vault) {
		want := map[string][]byte{}
		for n, size := range []int{1, 4096, 70_000, 21 << 20} {
			content := make([]byte, size)
			if _, err := rand.Read(content); err != nil {
				t.Fatal(err)
			}
			d := take(t, v, content)
			sum := sha256.Sum256(content)
			if d.Size() != int64(size) || d.SHA256() != hex.EncodeToString(sum[:]) {
				t.Errorf("a draft of %d bytes says %d, %s", size, d.Size(), d.SHA256())
			}
			head := make([]byte, 1)
			if _, err := d.ReadAt(head, 0); err != nil || head[0] != content[0] {
				t.Errorf("a draft cannot be looked into: %v", err)
			}
			key := fmt.Sprintf("7/%02d/佐证-%d", n, n)
			if err := d.Keep(context.Background(), key); err != nil {
				t.Fatal(err)
			}
			d.Drop() // a draft that was kept can be dropped as well
			want[key] = content
		}
		for key, content := range want {
			if !bytes.Equal(read(t, v, key), content) {
				t.Errorf("%s: other bytes", key)
			}
		}
		if got := keys(t, v); len(got) != len(want) {
			t.Errorf("kept are %v", got)
		}
		c, err := v.Open(context.Background(), "7/00/佐证-0")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for range 2 { // twice from the beginning, as a reader does who first takes the sum
			if got, err := io.ReadAll(c); err != nil || !bytes.Equal(got, want["7/00/佐证-0"]) {
				t.Errorf("read again: %q, %v", got, err)
			}
			if _, err := c.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestNothingIsKeptOfWhatIsTooLongOrCutOff(t *testing.T) {
	eachVault(t, func(t *testing.T, v models.Vault) {
		if _, err := v.Take(context.Background(), strings.NewReader("eleven bytes"), 10); !errors.Is(err, models.ErrTooLong) {
			t.Errorf("too long: %v", err)
		}
		if d, err := v.Take(context.Background(), strings.NewReader("ten  bytes"), 10); err != nil {
			t.Errorf("just long enough: %v", err)
		} else {
			d.Drop()
		}
		gone := errors.New("the other end is gone")
		if _, err := v.Take(context.Background(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(gone)), 10); !errors.Is(err, gone) {
			t.Errorf("cut off: %v", err)
		}
		if got := keys(t, v); len(got) != 0 {
			t.Errorf("kept are %v", got)
		}
	})
}

func TestWhatIsRemovedIsNotThere(t *testing.T) {
	eachVault(t, func(t *testing.T, v models.Vault) {
		if err := take(t, v, []byte("x")).Keep(context.Background(), "1/ab/x"); err != nil {
			t.Fatal(err)
		}
		for range 2 { // what is not there is removed without complaint
			if err := v.Remove(context.Background(), "1/ab/x"); err != nil {
				t.Error(err)
			}
		}
		if _, err := v.Open(context.Background(), "1/ab/x"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("opened what is removed: %v", err)
		}
		if got := keys(t, v); len(got) != 0 {
			t.Errorf("kept are %v", got)
		}
	})
}

func TestNoKeyLeadsOutOfTheVault(t *testing.T) {
	eachVault(t, func(t *testing.T, v models.Vault) {
		for _, key := range []string{"", ".", "../x", "a/../../x", "/etc/passwd", "a//b", "a/"} {
			if err := take(t, v, []byte("x")).Keep(context.Background(), key); err == nil {
				t.Errorf("%q is kept", key)
			}
			if _, err := v.Open(context.Background(), key); err == nil {
				t.Errorf("%q is opened", key)
			}
			if key != "." {
				if err := v.Remove(context.Background(), key); err == nil {
					t.Errorf("%q is removed", key)
				}
			}
		}
	})
}

// The folder of drafts is left as it was by whatever goes wrong, and what a killed
// program left there goes when it is old enough.
func TestAFolderKeepsNoDrafts(t *testing.T) {
	name := filepath.Join(t.TempDir(), "files")
	v := open(t, "folder:"+name)
	drafts := func() int {
		entries, err := os.ReadDir(filepath.Join(name, "incoming"))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	_, _ = v.Take(context.Background(), strings.NewReader("eleven bytes"), 10)
	_, _ = v.Take(context.Background(), iotest.ErrReader(io.ErrUnexpectedEOF), 10)
	d := take(t, v, []byte("kept"))
	if err := d.Keep(context.Background(), "1/ab/x"); err != nil {
		t.Fatal(err)
	}
	d.Drop()
	if n := drafts(); n != 0 {
		t.Errorf("%d drafts are left", n)
	}
	left := take(t, v, []byte("a killed program's"))
	if gone, err := v.Tidy(context.Background(), time.Hour); gone != 0 || err != nil {
		t.Errorf("a draft in hand was removed: %d, %v", gone, err)
	}
	long := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(left.(interface{ Name() string }).Name(), long, long); err != nil {
		t.Fatal(err)
	}
	if gone, err := v.Tidy(context.Background(), time.Hour); gone != 1 || err != nil || drafts() != 0 {
		t.Errorf("an old draft stays: %d, %v", gone, err)
	}
}

func TestAFolderThatOthersMayReadIsRefused(t *testing.T) {
	name := t.TempDir()
	if err := os.Chmod(name, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.OpenFolder(name); err == nil || !strings.Contains(err.Error(), "chmod 700") {
		t.Errorf("%v", err)
	}
}

func TestAVaultThatCannotKeepIsToldAtStart(t *testing.T) {
	missing := strings.TrimSuffix(bucket(t), "evidence") + "nowhere"
	for _, address := range []string{"", "ftp:x", "folder:", "folder:/dev/null/x", "s3:", "s3:https://host", "s3:" + missing, "s3:http://127.0.0.1:1/evidence"} {
		if _, err := vault.Open(context.Background(), address, vault.Keys{Access: "a", Secret: "b"}); err == nil {
			t.Errorf("%q is a vault", address)
		}
	}
}

// A file system of a few megabytes is full in the middle of a file.
func TestAFullDiskIsToldAsSuchAndKeepsNothing(t *testing.T) {
	small := modelstest.SmallDisk(t, "4m")
	v := open(t, "folder:"+small)
	if err := take(t, v, make([]byte, 1<<20)).Keep(context.Background(), "1/aa/first"); err != nil {
		t.Fatal(err)
	}
	_, err := v.Take(context.Background(), io.LimitReader(zeros{}, 5<<20), 50<<20)
	if !errors.Is(err, models.ErrNoRoom) {
		t.Errorf("five megabytes on four: %v", err)
	}
	// What would leave nothing for the database is not taken either.
	if _, err := v.Take(context.Background(), io.LimitReader(zeros{}, 3<<20-64<<10), 50<<20); !errors.Is(err, models.ErrNoRoom) {
		t.Errorf("all but sixty-four kilobytes: %v", err)
	}
	if err := take(t, v, make([]byte, 2<<20)).Keep(context.Background(), "1/aa/second"); err != nil {
		t.Errorf("what has room after that: %v", err)
	}
	if got := keys(t, v); len(got) != 2 || len(read(t, v, "1/aa/first")) != 1<<20 {
		t.Errorf("kept are %v", got)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
