package models

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"text/template"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"gorm.io/gorm"
)

// Migrations are numbered SQL, run at start, never edited once released. Three
// words differ between the databases and are filled in as the files are read.
//
//go:embed migrations/*.sql
var migrations embed.FS

func (d dialect) migrate(ctx context.Context, db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return err
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if d.lockFile == "" {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	} else {
		free, err := hold(ctx, d.lockFile)
		if err != nil {
			return err
		}
		defer free()
	}
	provider, err := goose.NewProvider(d.goose, pool, filled{files, d.words}, options...)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	have, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if have > newest {
		return fmt.Errorf("the database is of version %d, newer than this program, which knows %d: use the newer program", have, newest)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// hold takes a file lock, for as long as another process migrates the same file.
func hold(ctx context.Context, path string) (free func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			_ = file.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// filled is a folder of migrations with the dialect's words filled in.
type filled struct {
	fs.FS
	words map[string]string
}

// Open reads a migration; folders are listed as they are.
func (f filled) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil || info.IsDir() {
		return file, err
	}
	text, err := fs.ReadFile(f.FS, name)
	if err != nil {
		return nil, err
	}
	words, err := template.New(name).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := words.Execute(&out, f.words); err != nil {
		return nil, err
	}
	return &filledFile{Reader: bytes.NewReader(out.Bytes()), File: file}, nil
}

type filledFile struct {
	*bytes.Reader
	fs.File
}

// Read, Close and Stat are the file's; what is read is the filled-in text.
func (f *filledFile) Read(p []byte) (int, error) { return f.Reader.Read(p) }
