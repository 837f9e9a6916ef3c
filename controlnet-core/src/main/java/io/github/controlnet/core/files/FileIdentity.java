package io.github.controlnet.core.files;

import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/**
 * Tells files apart by what they held when they were opened: equal identities, equal contents.
 *
 * @param path the real path, links followed
 * @param size its bytes
 * @param modified when it was written last
 */
public record FileIdentity(Path path, long size, FileTime modified) {}
