package models

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"text/template"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"gorm.io/gorm"

	"duban/models/host"
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
		release, err := turnToMigrate(ctx, d.lockFile)
		if err != nil {
			return err
		}
		defer release()
	}
	provider, err := goose.NewProvider(d.goose, pool, filledMigrations{files, d.words}, options...)
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

// turnToMigrate waits until no other process migrates the same file.
func turnToMigrate(ctx context.Context, lockFile string) (release func(), err error) {
	for {
		release, err := host.Hold(lockFile)
		if !errors.Is(err, host.ErrHeld) {
			return release, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// filledMigrations is a folder of migrations with the dialect's words filled in.
type filledMigrations struct {
	fs.FS
	words map[string]string
}

// Open reads a migration; folders are listed as they are.
func (f filledMigrations) Open(name string) (fs.File, error) {
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
