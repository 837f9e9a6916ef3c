/**
 * The engine on PyTorch through Deep Java Library: each network is one generated TorchScript module
 * that holds its weights, and one native call runs it.
 */
@NullMarked
package io.github.controlnet.core.torch.engine;

import org.jspecify.annotations.NullMarked;
