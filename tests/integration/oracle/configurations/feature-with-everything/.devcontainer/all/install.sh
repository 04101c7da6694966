#!/bin/sh
set -e
echo all
