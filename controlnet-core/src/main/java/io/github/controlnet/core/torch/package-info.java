/**
 * Networks on PyTorch through Deep Java Library, for whoever builds one: define it as a {@link
 * io.github.controlnet.core.nn.Graph}; have a {@link io.github.controlnet.core.torch.Target} write
 * its script, one TorchScript operator a line; give the script and its weights to a {@link
 * io.github.controlnet.core.torch.Network}; call its methods.
 *
 * <p>Each network is one module that holds its weights, and one native call runs it or a large part
 * of it. A {@link io.github.controlnet.core.torch.TensorRuntime} is the one thread on which all
 * that happens. The package is for the artifacts of this library and may change between versions;
 * applications use {@code controlnet-api}.
 */
@NullMarked
package io.github.controlnet.core.torch;

import org.jspecify.annotations.NullMarked;
