package modelstest

import "syscall"

func bySelf() *syscall.SysProcAttr { return nil }

func asAnother(string) (*syscall.SysProcAttr, error) { return nil, nil }
