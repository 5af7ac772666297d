//go:build unix

package modelstest

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// bySelf has a command outlive an interrupt from the keyboard, which ends the test.
func bySelf() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// asAnother has a command run in another account's name when this is root, and gives it
// the folder: the server refuses to run as root.
func asAnother(folder string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return bySelf(), nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		as := bySelf()
		as.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return as, os.Chown(folder, uid, gid)
	}
	return nil, fmt.Errorf("running as root, and there is no user postgres or nobody to run the server as")
}
