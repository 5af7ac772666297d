package document

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
		return false, fmt.Errorf("%s: %w: %s", command[0], err, beginning(said.String()))
	}, nil
}

// beginning is as much of a program's words as a log is told.
func beginning(words string) string {
	const most = 200 // characters
	if r := []rune(strings.TrimSpace(words)); len(r) > most {
		return string(r[:most])
	}
	return strings.TrimSpace(words)
}
