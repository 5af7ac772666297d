//go:build !linux

package modelstest

func freeInMemory() uint64 { return 0 }
