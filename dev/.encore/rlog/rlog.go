// Package rlog writes log lines with keys and values.
package rlog

import (
	"log/slog"
	"os"
)

var logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))

// Debug logs msg with pairs of keys and values.
func Debug(msg string, keysAndValues ...any) { logger.Debug(msg, keysAndValues...) }

// Info logs msg with pairs of keys and values.
func Info(msg string, keysAndValues ...any) { logger.Info(msg, keysAndValues...) }

// Warn logs msg with pairs of keys and values.
func Warn(msg string, keysAndValues ...any) { logger.Warn(msg, keysAndValues...) }

// Error logs msg with pairs of keys and values.
func Error(msg string, keysAndValues ...any) { logger.Error(msg, keysAndValues...) }
