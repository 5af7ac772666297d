package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// scanPatience is how long a scanner may look at one file.
const scanPatience = 2 * time.Minute

// Scanner looks for what a file must not carry. An error means that it came to no
// finding, which is not the same as having found nothing.
type Scanner func(ctx context.Context, content io.Reader) (found bool, err error)

// ScanBy is a scanner that is a program of the operator's. It is given each file on its
// standard input, says by its exit status 0 that there is nothing, by 1 that there is
// something, and by any other that it cannot tell; clamdscan and clamscan keep to this,
// with "-" as the name of the file. The program must be on this machine.
func ScanBy(command []string) (Scanner, error) {
	program, err := exec.LookPath(command[0])
	if err != nil {
		return nil, fmt.Errorf("the scanner %s is not on this machine", command[0])
	}
	return func(ctx context.Context, content io.Reader) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, scanPatience)
		defer cancel()
		scan := exec.CommandContext(ctx, program, command[1:]...)
		said := &strings.Builder{}
		scan.Stdin, scan.Stdout, scan.Stderr = content, said, said
		scan.WaitDelay = time.Second
		err := scan.Run()
		var ended *exec.ExitError
		switch {
		case err == nil:
			return false, nil
		case errors.As(err, &ended) && ended.ExitCode() == 1:
			return true, nil
		}
		return false, fmt.Errorf("%s: %w: %s", command[0], err, clip(strings.TrimSpace(said.String()), 200))
	}, nil
}

// NotScanned is a scanner that came to no finding: a sentence for who sent the file, and
// the cause for who runs the program.
type NotScanned struct {
	Problems
	Cause error
}

// Unwrap shows both.
func (n NotScanned) Unwrap() []error { return []error{n.Problems, n.Cause} }

// scan has a file looked through before anybody is given it. Without a scanner it is
// taken, and shown as not scanned; with one, what it cannot tell is not taken.
func (b *Board) scan(in *Incoming) error {
	if b.store.Scan == nil {
		return nil
	}
	if _, err := in.draft.Seek(0, io.SeekStart); err != nil {
		return err
	}
	found, err := b.store.Scan(b.ctx(), in.draft)
	switch {
	case err != nil:
		return NotScanned{Problems{{Field: "files", Key: "evidence.file.not_scanned", Args: []any{in.Name}}}, err}
	case found:
		return badEvidence("evidence.file.infected", in.Name)
	}
	at := b.now
	in.scanned = &at
	return nil
}
