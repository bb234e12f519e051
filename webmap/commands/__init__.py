"""The commands of the operators' command line, one file for each word after `onemap`."""
